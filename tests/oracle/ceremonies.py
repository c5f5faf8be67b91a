"""Ceremonies and their minutes. From docs/format.md, section 5, "Ceremonies and minutes"."""

from shapes import Refused, encode64url, message, sha256

CODE = 'ceremony-mismatch'
MISMATCH = 'tap-statement-mismatch'


def need(holds, code, why):
    if not holds:
        raise Refused(code, why)


def listed(manifest, person):
    return manifest is not None and person in [one['id'] for one in manifest['persons']]


def keys_in_order(manifest, person):
    return [key for one in manifest['persons'] if one['id'] == person for key in one['keys']]


def hash_of(purpose, value):
    return encode64url(sha256(message(purpose, value)))


class Ceremony:
    """The one that is open."""

    def __init__(self, entry, seq, manifest, mark):
        self.data, self.at, self.last = entry['data'], entry['at'], seq
        self.before, self.mark = manifest, mark
        self.steps, self.exceptions, self.taps, self.minutes = [], [], {}, None
        self.joints, self.requests, self.granted = {}, {}, set()
        self.proven, self.facts, self.changed = {}, set(), False
        tasks = [step['task'] for step in self.data['script']]
        self.named = {kind: [one for one in tasks if one['kind'] == kind] for kind in {one['kind'] for one in tasks}}

    def names(self, kind, member, value):
        return any(one[member] == value for one in self.named.get(kind, []))

    def step_on(self):
        script = self.data['script']
        return script[len(self.steps)] if len(self.steps) < len(script) else None

    def leads(self):
        """Who led, in order; the last one leads."""
        leads = [self.data['lead']]
        for told in self.exceptions:
            if told['absent'] == leads[-1]:
                leads.append(told['decidedBy'])
        return leads

    def can_lead(self, manifest, person):
        """Who can take over."""
        if person == self.leads()[-1] or person in [told['absent'] for told in self.exceptions]:
            return False
        found = [one for one in manifest['persons'] if one['id'] == person]
        return any(one['keys'] and {'lead', 'custodian'} & set(one['roles']) for one in found)

    def tap(self, person, key):
        self.taps.setdefault(person, []).append(key)


class Ceremonies:
    def __init__(self, duties):
        self.duties, self.open, self.mark = duties, None, None
        self.versions, self.unclassified, self.signed = {}, set(), 0

    # What every entry teaches

    def learn(self, seq, entry):
        kind, data = entry['type'], entry['data']
        if kind == 'manifest.changed':
            self.mark = data
        elif kind == 'credential.sealed':
            self.versions.setdefault(data['credential'], set()).add(data['version'])
        elif kind == 'credential.destroyed':
            self.versions.get(data['credential'], set()).discard(data['version'])
        elif kind == 'request.granted':
            self.unclassified.add(data['request'])
        elif kind == 'request.classified':
            self.unclassified.discard(data['request'])
        if kind == 'ceremony.opened':
            self.open = Ceremony(entry, seq, self.duties.manifest, self.mark)
            self.open.tap(data['statement']['person'], data['key'])
            return
        if self.open is not None:
            self.follow(seq, entry, kind, data)

    def follow(self, seq, entry, kind, data):
        one = self.open
        if one.minutes is None:
            self.note_facts(one, kind, data)
            tap = self.tap_of(one, kind, data)
            if tap is not None:
                one.tap(*tap)
                one.last = seq
        if data.get('ceremony') != one.data['ceremony']:
            return
        told = {**{name: value for name, value in data.items() if name != 'ceremony'}, 'at': entry['at'], 'seq': seq}
        if kind == 'ceremony.step':
            one.steps.append(told)
            one.last = seq
        elif kind == 'ceremony.exception':
            one.exceptions.append(told)
            one.last = seq
        elif kind == 'minutes.written' and one.minutes is None:
            one.minutes = data['minutes']
        elif kind in ('ceremony.cancelled', 'ceremony.closed'):
            self.open = None

    def note_facts(self, one, kind, data):
        if kind == 'joint.opened':
            one.joints[data['statement']['act']] = data['statement']['detail']
        elif kind == 'proof.passed':
            detail = one.joints.get(data['act'], {'kind': None})
            if detail['kind'] == 'prove':
                for record in detail['records']:
                    before = one.proven.get(record['credential'], 0)
                    one.proven[record['credential']] = max(before, record['version'])
                if detail['purpose'] == 'drill':
                    one.facts.add(('safe', data['safe']))
        elif kind == 'drill.passed':
            one.facts.add(('key', data['statement']['person'], data['key']))
        elif kind == 'manifest.changed':
            one.changed = True
        elif kind == 'request.opened':
            statement = data['statement']
            if one.names('practice', 'credential', statement['credential']):
                one.requests[statement['request']] = statement['credential']
        elif kind == 'request.granted' and data['request'] in one.requests:
            one.granted.add(data['request'])
        elif kind == 'window.closed' and data['request'] in one.granted:
            one.facts.add(('practice', one.requests[data['request']]))

    def tap_of(self, one, kind, data):
        if kind == 'request.classified':
            return data['statement']['person'], data['key']
        if kind == 'credential.sealed' and one.names('seal', 'credential', data['credential']):
            return data['statement']['person'], data['key']
        if kind == 'credential.destroyed' and one.names('destroy', 'credential', data['credential']):
            return data['statement']['person'], data['key']
        if kind == 'drill.passed':
            person = data['statement']['person']
            named = [(task['person'], task['key']) for task in one.named.get('key-drill', [])]
            return (person, data['key']) if (person, data['key']) in named else None
        if kind == 'joint.signed':
            detail = one.joints.get(data['act'], {'kind': None})
            proves = detail['kind'] == 'prove' and (
                one.names('prove', 'safe', detail['safe']) or one.names('safe-drill', 'safe', detail['safe'])
            )
            if proves or (detail['kind'] == 'reshare' and 'reshare' in one.named):
                return data['person'], data['key']
        if kind == 'manifest.signed' and 'reshare' in one.named:
            return data['person'], data['key']
        if kind == 'tap.accepted' and data['request'] in one.requests:
            return data['person'], data['key']
        return None

    # What must hold

    def check(self, seq, entry):
        kind, data = entry['type'], entry['data']
        if kind == 'ceremony.opened':
            self.check_opened(seq, entry, data)
            return
        if kind not in ('ceremony.step', 'ceremony.exception', 'ceremony.cancelled', 'minutes.written', 'ceremony.closed'):
            return
        known = self.open is not None and self.open.data['ceremony'] == data['ceremony']
        act = kind == 'ceremony.cancelled' and self.duties.check_act(
            seq, entry, 'ceremony-cancel', data['statement'], data['key'], data['assertion']
        )
        if not known and self.duties.is_part:
            return
        need(known, CODE, 'not open')
        if kind == 'ceremony.cancelled':
            self.check_cancelled(data, act)
        elif kind == 'minutes.written':
            self.check_minutes(seq, entry, data['minutes'])
        else:
            {'ceremony.step': self.check_step, 'ceremony.exception': self.check_exception, 'ceremony.closed': self.check_closed}[kind](data)

    def check_opened(self, seq, entry, data):
        statement, script = data['statement'], data['script']
        detail = self.duties.check_act(seq, entry, 'ceremony-open', statement, data['key'], data['assertion'])
        said = {'kind': 'ceremony-open', 'ceremony': data['ceremony'], 'ceremonyKind': data['kind'], 'title': data['title']}
        need(detail == {**said, 'script': hash_of('script', script), 'steps': len(script)}, MISMATCH, 'another script')
        need(statement['person'] == data['lead'], MISMATCH, 'not the lead')
        need(self.open is None, CODE, 'another is open')
        need(all(listed(self.duties.manifest, one) for one in [data['lead'], *data['witnesses']]), CODE, 'not listed')

    def check_step(self, data):
        one, on = self.open, self.open.step_on()
        need(on is not None and data['step'] == len(one.steps) and data['title'] == on['title'], CODE, 'another step')
        need(one.minutes is None, CODE, 'after the minutes')
        need(listed(self.duties.manifest, data['person']), CODE, 'person')
        if data['result'] == 'excepted':
            need(data['step'] in [other['step'] for other in one.exceptions], CODE, 'no exception')
        elif not self.duties.is_part:
            need(self.is_brought_about(on['task']), CODE, 'has not happened')

    def is_brought_about(self, task):
        one, kind = self.open, task['kind']
        versions = self.versions.get(task.get('credential'), set())
        if kind == 'seal':
            return max(versions, default=0) > task['after']
        if kind == 'prove':
            return all(
                one.proven.get(name, 0) >= max(self.versions.get(name, set()), default=1) for name in task['credentials']
            )
        if kind == 'destroy':
            return len(versions) <= 1 + task.get('keep', 0)
        if kind == 'reshare':
            return one.changed
        if kind == 'key-drill':
            return ('key', task['person'], task['key']) in one.facts
        if kind == 'safe-drill':
            return ('safe', task['safe']) in one.facts
        if kind == 'practice':
            return ('practice', task['credential']) in one.facts
        return kind != 'classify' or not self.unclassified

    def check_exception(self, data):
        one = self.open
        need(one.minutes is None, CODE, 'after the minutes')
        need(data['step'] is None or data['step'] < len(one.data['script']), CODE, 'no such step')
        need(listed(self.duties.manifest, data['decidedBy']), CODE, 'person')
        takes_over = data['absent'] == one.leads()[-1]
        need(not takes_over or one.can_lead(self.duties.manifest, data['decidedBy']), CODE, 'the lead')

    def check_cancelled(self, data, detail):
        one, person, manifest = self.open, data['statement']['person'], self.duties.manifest
        need(detail['ceremony'] == data['ceremony'] and detail['title'] == one.data['title'], MISMATCH, 'another ceremony')
        custodians = {other['person'] for safe in manifest['safes'] for other in safe['custodians']}
        need(person == one.leads()[-1] or person in custodians, CODE, 'an outsider')

    def check_minutes(self, seq, entry, said):
        one = self.open
        need(one.minutes is None, CODE, 'a second time')
        need(one.step_on() is None, CODE, 'before the last step')
        after = self.duties.manifest
        need(after is not None and one.before is not None, CODE, 'no manifest')
        expected = self.make_minutes(one, said, after)
        if self.duties.is_part:
            expected['participants'] = said['participants']
        need(said == expected, CODE, 'not as the log has it')
        need(said['writtenAt'] <= entry['at'], CODE, 'written later')
        head = said['headAfter']
        need(seq - 8192 <= head['size'] <= seq, CODE, 'head')
        need(self.duties.is_part or head['size'] > one.last, CODE, 'the head does not cover it')
        need(head['root'] == encode64url(self.duties.tree.root(head['size'])), CODE, 'root')

    def make_minutes(self, one, said, after):
        data, state = one.data, self.duties.state
        return {
            'format': 'halligan/minutes/v1',
            'vault': state['vault'],
            'vaultName': state['vaultName'],
            'station': state['station'],
            'stationName': state['stationName'],
            **{name: data[name] for name in ('ceremony', 'kind', 'title', 'lead')},
            'openedAt': one.at,
            'headBefore': data['statement']['head'],
            'manifestBefore': one.mark,
            'manifestAfter': {'version': after['version'], 'hash': self.mark['hash']},
            'steps': one.steps,
            'exceptions': one.exceptions,
            'participants': self.make_participants(one, after),
            **{name: said[name] for name in ('writtenAt', 'program', 'headAfter')},
        }

    def make_participants(self, one, after):
        data = one.data
        part = {*one.leads(), *data['witnesses'], *[step['person'] for step in one.steps], *one.taps}
        absent = {other['absent'] for other in one.exceptions}
        people = after['persons'] + [other for other in one.before['persons'] if not listed(after, other['id'])]
        made = []
        for person in people:
            name = person['id']
            if name not in part:
                continue
            now, then = keys_in_order(after, name), keys_in_order(one.before, name)
            known = now + [key for key in then if key['credentialId'] not in [other['credentialId'] for other in now]]
            keys = [
                {'credentialId': key['credentialId'], 'label': key['label']}
                for key in known
                if key['credentialId'] in one.taps.get(name, [])
            ]
            signs = len(now) > 0 and name not in absent
            made.append({'person': name, 'name': person['name'], 'roles': person['roles'], 'keys': keys, 'signs': signs})
        return made

    def check_closed(self, data):
        one = self.open
        need(one.minutes is not None, CODE, 'no minutes')
        hashed = hash_of('minutes', one.minutes)
        joint = self.duties.records.joints.pop(data['act'], None)
        need(data['minutes'] == hashed, CODE, 'other minutes')
        said = {'kind': 'minutes', 'ceremony': data['ceremony'], 'title': one.data['title'], 'minutes': hashed}
        need(joint is not None and joint['detail'] == said, CODE, 'another statement')
        must = {other['person'] for other in one.minutes['participants'] if other['signs']} | {one.leads()[-1]}
        need(must <= set(joint['signers']), CODE, 'a signature is missing')
        self.signed += 1
