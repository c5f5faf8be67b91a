"""Entries that bind. From docs/format.md, sections 4 ("Statements and the head they co-sign") and 5."""

from ceremonies import Ceremonies
from log_parts import check_tap, keys_of, manifest_hash, tap_text
from joint import Records
from request_duties import Requests
from shapes import Refused, decode64url, encode64url, message, sha256


def need(holds, code, why):
    if not holds:
        raise Refused(code, why)


class Duties:
    """Fed with every entry in order, before it is added to the tree."""

    def __init__(self, state, tree, chain, is_part=False):
        self.state, self.tree, self.chain, self.is_part = state, tree, chain, is_part
        self.in_force, self.last_statement = 0, -1
        self.by_hash = {encode64url(manifest_hash(one['manifest'])): one for one in chain}
        self.enrolled, self.signed = {}, {}
        self.records, self.requests = Records(self), Requests(self)
        self.ceremonies = Ceremonies(self)

    @property
    def manifest(self):
        return self.chain[self.in_force - 1]['manifest'] if self.in_force > 0 else None

    def check(self, seq, entry):
        if entry['type'] == 'log.key-rotated':
            self.requests.drop_open()
            self.records.drop_joints()
        name = 'on_' + entry['type'].replace('.', '_').replace('-', '_')
        duty = getattr(self, name, getattr(self.records, name, getattr(self.requests, name, None)))
        try:
            if duty is not None:
                duty(seq, entry, entry['data'])
            self.ceremonies.check(seq, entry)
        finally:
            self.ceremonies.learn(seq, entry)

    # Taps and statements

    def check_actor(self, entry, person):
        actor = entry['actor']
        if actor['kind'] == 'person' and actor['proven']:
            need(actor['id'] == person, 'tap-statement-mismatch', 'the actor is not the person of the tap')

    def check_statement(self, seq, statement):
        head, last = statement['head'], self.last_statement
        self.last_statement = seq
        need(statement['vault'] == self.state['vault'], 'tap-statement-mismatch', 'vault')
        need(statement['station'] == self.state['station'], 'tap-statement-mismatch', 'station')
        need(self.manifest is not None, 'tap-statement-mismatch', 'no manifest in force')
        need(statement['manifest'] == encode64url(manifest_hash(self.manifest)), 'tap-statement-mismatch', 'manifest')
        need(max(last + 1, seq - 8192) <= head['size'] <= seq, 'tap-statement-mismatch', 'head size')
        need(head['root'] == encode64url(self.tree.root(head['size'])), 'tap-statement-mismatch', 'head root')

    def check_act(self, seq, entry, kind, statement, key, assertion):
        """An act statement of this kind with its person's tap."""
        self.check_statement(seq, statement)
        need(statement['detail']['kind'] == kind, 'tap-statement-mismatch', 'kind of act')
        self.check_actor(entry, statement['person'])
        keys = keys_of(self.manifest, statement['person'])
        need(key in keys, 'tap-key-unknown', 'key')
        check_tap(keys[key], assertion, sha256(message('act', statement)))
        return statement['detail']

    # Manifest

    def on_key_enrolled(self, seq, entry, data):
        self.enrolled[data['key']['credentialId']] = (data['person'], data['key']['publicKey'])

    def find_enrolled(self, person, key):
        who, public_key = self.enrolled.get(key, (None, None))
        return [public_key] if who == person else []

    def on_manifest_signed(self, seq, entry, data):
        signed, person = self.by_hash.get(data['hash']), data['person']
        tap = {name: data[name] for name in ('person', 'key', 'assertion')}
        self.check_actor(entry, person)
        candidates = self.find_enrolled(person, data['key'])
        for manifest in (self.manifest, None if signed is None else signed['manifest']):
            candidates += [value for key, value in keys_of(manifest, person).items() if key == data['key']]
        need(candidates, 'tap-key-unknown', 'key')
        for at, key in enumerate(candidates):
            try:
                check_tap(key, data['assertion'], decode64url(data['hash']))
                self.signed.setdefault(data['hash'], {})[person, data['key']] = tap_text(tap)
                return
            except Refused:
                if at == len(candidates) - 1:
                    raise

    def on_manifest_changed(self, seq, entry, data):
        try:
            self.records.check_change(seq, data)
        finally:
            self.change(data)
            self.records.drop_joints()

    def change(self, data):
        code, signed = 'manifest-not-in-log', self.by_hash.get(data['hash'])
        need(signed is not None, code, 'that manifest did not come with the log')
        manifest, before = signed['manifest'], self.manifest
        need(data['version'] == manifest['version'] == self.in_force + 1, code, 'not the next version')
        self.in_force += 1
        recorded = self.signed.get(data['hash'], {}).values()
        smuggled = False
        for person in manifest['persons']:
            old = keys_of(before, person['id'])
            for key in person['keys']:
                name = key['credentialId']
                wanted = [old[name]] if name in old else self.find_enrolled(person['id'], name)
                known = wanted == [key['publicKey']]
                smuggled = smuggled or not known
        self.enrolled = {}
        need({tap_text(tap) for tap in signed['signatures']} == set(recorded), code, 'other signatures than the log recorded')
        need(not smuggled, code, 'a key that was never enrolled')

    # Exports

    def on_export_made(self, seq, entry, data):
        need(seq - 8192 <= data['size'] <= seq, 'head-mismatch', 'size')
        need(data['root'] == encode64url(self.tree.root(data['size'])), 'head-mismatch', 'root')
        if data['signed'] is not None:
            signed = data['signed']
            detail = self.check_act(seq, entry, 'export', signed['statement'], signed['key'], signed['assertion'])
            same = detail['size'] == data['size'] and detail['root'] == data['root']
            need(same, 'tap-statement-mismatch', 'size or root')

    # What sinks are said to have: judged where it is not too old, and in a part not at all

    def on_sync_acknowledged(self, seq, entry, data):
        size = data['size']
        need(size <= seq, 'head-mismatch', 'size')
        root = self.tree.root(size) if size >= seq - 8192 else b''
        need(root in (b'', decode64url(data['root'])), 'head-mismatch', 'root')

    def on_sync_diverged(self, seq, entry, data):
        size, ours = data['size'], data['ours']
        if ours is not None:
            need(0 < size <= seq, 'head-mismatch', 'size')
            leaf = self.tree.leaf(size - 1) if size >= seq - 8192 else b''
            need(leaf in (b'', decode64url(ours)), 'head-mismatch', 'leaf hash')

    # One person's own key

    def on_drill_passed(self, seq, entry, data):
        self.check_key_act(seq, entry, 'key-drill', data)

    def on_passphrase_changed(self, seq, entry, data):
        self.check_key_act(seq, entry, 'passphrase', data)

    def check_key_act(self, seq, entry, kind, data):
        statement, code = data['statement'], 'tap-statement-mismatch'
        detail = self.check_act(seq, entry, kind, statement, data['key'], data['assertion'])
        need(detail['key'] == data['key'], code, 'another key')
        own = [
            safe['id']
            for safe in self.manifest['safes']
            if statement['person'] in [one['person'] for one in safe['custodians']]
            and (kind == 'key-drill' or safe['policy'].get('passphrase', False))
        ]
        need(detail['safes'] == own and (own or kind == 'key-drill'), code, 'safes')
