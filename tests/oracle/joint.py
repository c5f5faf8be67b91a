"""Records and statements that several people sign. From docs/format.md, section 5, "Together"."""

from log_parts import Tree, check_tap, keys_of, manifest_hash
from shapes import Refused, encode64url, message, sha256

JOINT = 'joint-incomplete'
MISMATCH = 'tap-statement-mismatch'


def need(holds, code, why):
    if not holds:
        raise Refused(code, why)


def safes_of(manifest):
    return {} if manifest is None else {safe['id']: safe for safe in manifest['safes']}


def people_of(safe):
    return {one['person'] for one in safe['custodians']}


def custody(safe):
    """What a share depends on."""
    return safe['threshold'], {(one['person'], one['index'], one['publicKey']) for one in safe['custodians']}


class Records:
    """What exists, and the joint statements that are open."""

    def __init__(self, duties):
        self.duties, self.versions, self.joints, self.row = duties, {}, {}, []

    def newest(self, credential):
        versions = [one for (name, _), one in self.versions.items() if name == credential]
        return max(versions, key=lambda one: one['version'], default=None)

    def drop_joints(self):
        self.joints = {act: one for act, one in self.joints.items() if one['detail']['kind'] == 'minutes'}

    def next_manifest(self):
        chain, at = self.duties.chain, self.duties.in_force
        return chain[at]['manifest'] if at < len(chain) else None

    # One person's acts

    def on_credential_sealed(self, seq, entry, data):
        before, place = self.newest(data['credential']), (data['credential'], data['version'])
        self.versions[place] = {name: data[name] for name in ('version', 'safe', 'name', 'record')}
        detail = self.duties.check_act(seq, entry, 'seal', data['statement'], data['key'], data['assertion'])
        for name in ('credential', 'version', 'safe', 'name', 'record'):
            need(detail[name] == data[name], MISMATCH, name)
        need(data['safe'] in safes_of(self.duties.manifest), MISMATCH, 'safe')
        need(before is None or data['version'] > before['version'], MISMATCH, 'version')

    def on_credential_destroyed(self, seq, entry, data):
        newest = self.newest(data['credential'])
        known = self.versions.pop((data['credential'], data['version']), None)
        statement = data['statement']
        detail = self.duties.check_act(seq, entry, 'destroy', statement, data['key'], data['assertion'])
        for name in ('credential', 'version', 'name'):
            need(detail[name] == data[name], MISMATCH, name)
        need(known is not None and detail['record'] == known['record'], MISMATCH, 'record')
        need(data['version'] < newest['version'], MISMATCH, 'the newest version')
        person = statement['person']
        leads = [one['id'] for one in self.duties.manifest['persons'] if 'lead' in one['roles']]
        safe = safes_of(self.duties.manifest).get(known['safe'])
        need(person in leads or (safe is not None and person in people_of(safe)), MISMATCH, 'person')

    # Several people, one statement

    def on_joint_opened(self, seq, entry, data):
        statement = data['statement']
        detail = statement['detail']
        self.joints[statement['act']] = {'statement': statement, 'detail': detail, 'signers': {}}
        self.duties.check_statement(seq, statement)
        if detail['kind'] == 'reshare':
            need(detail['next']['version'] == self.duties.in_force + 1, MISMATCH, 'not the next manifest')
        if detail['kind'] == 'prove':
            need(detail['safe'] in safes_of(self.duties.manifest), MISMATCH, 'safe')
            for one in detail['records']:
                newest = self.newest(one['credential'])
                if newest is None and self.duties.is_part:
                    continue
                said = {'safe': detail['safe'], **{name: one[name] for name in ('version', 'name', 'record')}}
                need(newest == said, MISMATCH, 'record')

    def on_joint_signed(self, seq, entry, data):
        person, key = data['person'], data['key']
        self.duties.check_actor(entry, person)
        joint = self.joints.get(data['act'])
        need(joint is not None, MISMATCH, 'not open')
        keys = [keys_of(self.duties.manifest, person).get(key)]
        if joint['detail']['kind'] == 'reshare':
            keys += [keys_of(self.next_manifest(), person).get(key), *self.duties.find_enrolled(person, key)]
        keys = [one for one in keys if one is not None]
        need(keys, 'tap-key-unknown', 'key')
        check_tap(keys[0], data['assertion'], sha256(message('joint', joint['statement'])))
        need(person not in joint['signers'], JOINT, 'signs twice')
        joint['signers'][person] = key

    def on_proof_passed(self, seq, entry, data):
        joint, people = self.joints.pop(data['act'], None), data['people']
        need(joint is not None and joint['detail']['kind'] == 'prove', JOINT, 'no such statement')
        for name in ('purpose', 'safe'):
            need(joint['detail'][name] == data[name], JOINT, name)
        safe = safes_of(self.duties.manifest).get(data['safe'])
        need(safe is not None and len(set(people)) == len(people) >= safe['threshold'], JOINT, 'too few, or one twice')
        need(set(people) <= people_of(safe) & set(joint['signers']), JOINT, 'no custodian, or no tap')

    # Sealed anew

    def on_credential_resealed(self, seq, entry, data):
        row, self.row = self.row, []
        if row and row[-1][1]['act'] == data['act']:
            self.row = row
        before = row[-1] if row else None
        self.row = [*self.row, (seq, data)]
        joint = self.joints.get(data['act'])
        need(joint is not None and joint['detail']['kind'] == 'reshare', JOINT, 'no such statement')
        need(joint['detail']['next']['hash'] == data['manifest'], JOINT, 'manifest')
        if before is not None:
            last_seq, last = before
            need(last['act'] == data['act'], JOINT, 'another change')
            need(self.duties.is_part or last_seq + 1 == seq, JOINT, 'not at once')
            # Ids are ASCII: every order of strings is the same.
            need((last['credential'], last['version']) < (data['credential'], data['version']), JOINT, 'order')
        known = self.versions.get((data['credential'], data['version']))
        same = known is not None and known['record'] == data['previous'] and known['name'] == data['name']
        need(same, JOINT, 'previous')
        old, new = safes_of(self.duties.manifest).get(known['safe']), safes_of(self.next_manifest()).get(data['safe'])
        need(old is not None and new is not None, JOINT, 'safe')
        gone = people_of(old) - people_of(new)
        need(len(data['leavers']) == len(gone) and set(data['leavers']) == gone, JOINT, 'leavers')

    def check_change(self, seq, data):
        """Before `manifest.changed` takes effect."""
        row, self.row = self.row, []
        after, before = self.next_manifest(), self.duties.manifest
        if after is None or encode64url(manifest_hash(after)) != data['hash']:
            return
        fresh = {(one['credential'], one['version']): one for _, one in row}
        now, then = safes_of(after), safes_of(before)
        changed = {name for name, safe in then.items() if name not in now or custody(now[name]) != custody(safe)}
        try:
            left = [place for place, one in self.versions.items() if one['safe'] in changed and place not in fresh]
            need(not left, JOINT, 'a record that was not sealed anew')
            if row:
                self.check_row(seq, data, row, now)
                self.check_signers(row, after, now)
                self.check_holders(row, then)
        finally:
            for place, one in fresh.items():
                self.versions[place] = {name: one[name] for name in ('version', 'safe', 'name', 'record')}

    def check_row(self, seq, data, row, now):
        last_seq, last = row[-1]
        need(last['manifest'] == data['hash'], JOINT, 'manifest')
        if self.duties.is_part:
            return
        need(last_seq + 1 == seq, JOINT, 'not at once')
        tree = Tree()
        for _, one in row:
            tree.add(message('resealed', {name: one[name] for name in ('credential', 'version', 'record')}))
        detail = self.joints.get(last['act'], {'detail': {'kind': None}})['detail']
        need(detail['kind'] == 'reshare' and detail['records'] == len(row), JOINT, 'number of records')
        need(detail['root'] == encode64url(tree.root(len(row))), JOINT, 'root')

    def check_signers(self, row, after, now):
        signers = self.joints.get(row[-1][1]['act'], {'signers': {}})['signers']
        for name in {one['safe'] for _, one in row}:
            for person in people_of(now[name]) if name in now else ():
                need(signers.get(person) in keys_of(after, person), JOINT, 'a custodian who did not check')

    def check_holders(self, row, then):
        """Before their versions take their new places: who held them must have signed, and none may stay behind."""
        signed, moves = self.duties.chain[self.duties.in_force]['signatures'], {}
        for _, one in row:
            safe = self.versions[(one['credential'], one['version'])]['safe']
            able = {person for person in people_of(then[safe]) if self.may_vote(person, signed)}
            need(len(able) >= then[safe]['threshold'], JOINT, 'too few of those who held it have signed')
            if safe != one['safe']:
                moves[one['credential']] = one['safe']
        fresh = {(one['credential'], one['version']): one['safe'] for _, one in row}
        for place, one in self.versions.items():
            if place[0] in moves:
                need(fresh.get(place, one['safe']) == moves[place[0]], JOINT, 'a version that stays behind')

    def may_vote(self, person, signed):
        """By a key that was theirs, and that is not struck off while they stay."""
        before, after = keys_of(self.duties.manifest, person), self.next_manifest()
        gone = all(one['id'] != person for one in after['persons'])
        keys = [tap['key'] for tap in signed if tap['person'] == person]
        return any(key in before and (gone or key in keys_of(after, person)) for key in keys)
