"""Tree, signed notes, taps, manifest chain. From docs/format.md, sections 2 to 4."""

import json
import re
import os

from curves import verify_ed25519, verify_es256
from shapes import Refused, canonical, decode64, decode64url, encode64url, message, sha256

RP_ID = 'halligan.localhost'
ORIGIN = 'https://halligan.localhost'
LOOPBACK_ORIGIN = re.compile(r'http://halligan\.localhost:[1-9][0-9]{0,4}')


class Tree:
    """RFC 6962, section 2.1: roots of the first n leaves."""

    def __init__(self):
        self.leaves, self.known = [], {}

    def add(self, entry):
        self.leaves.append(sha256(b'\x00' + entry))
        return self.leaves[-1]

    def leaf(self, seq):
        return self.leaves[seq]

    def root(self, size):
        return self._root(0, size) if size > 0 else sha256(b'')

    def _root(self, start, end):
        if end - start == 1:
            return self.leaves[start]
        if (start, end) not in self.known:
            half = 1
            while half * 2 < end - start:
                half *= 2
            self.known[start, end] = sha256(b'\x01' + self._root(start, start + half) + self._root(start + half, end))
        return self.known[start, end]


def read_words():
    """The list is the only thing read out of the product, by its hash."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, '..', '..', 'shared', 'audit', 'words.ts'), encoding='ascii') as source:
        words = source.read().split('`')[1].split()
    if not sha256(('\n'.join(words) + '\n').encode('ascii')).hex().startswith('2f5eed53'):
        raise ValueError('another word list')
    return words


def head_words(size, root):
    digest = sha256(message('head-words', {'root': encode64url(root), 'size': size}))
    bits, words = int.from_bytes(digest, 'big'), read_words()
    return [words[(bits >> (256 - 11 * (place + 1))) & 2047] for place in range(4)]


class Note:
    """A signed note whose text is a checkpoint: origin, size, root, signatures."""

    def __init__(self, text):
        bad = lambda why: Refused('checkpoint-malformed', why)
        if len(text) > 16384:
            raise bad('too long')
        body, gap, lines = text.partition('\n\n')
        parts = body.split('\n')
        if gap == '' or len(parts) != 3 or not lines.endswith('\n'):
            raise bad('not a note')
        self.body = (body + '\n').encode('utf-8')
        self.origin, size, root = parts
        if not size.isascii() or not size.isdigit() or size != str(int(size)) or int(size) < 1:
            raise bad('size')
        self.size = int(size)
        self.signatures = []
        try:
            self.root = decode64(root)
            for line in lines[:-1].split('\n'):
                dash, name, value = line.split(' ')
                data = decode64(value)
                if dash != '\u2014' or name == '' or len(data) < 5:
                    raise ValueError
                self.signatures.append((name, data[:4], data[4:]))
        except ValueError as error:
            raise bad('signature line or root') from error
        if len(self.root) != 32 or len(self.signatures) > 16:
            raise bad('root or number of signatures')

    def verify(self, origin, key):
        """True when the key signed it, and no line that claims to be by it fails."""
        key_id = sha256(origin.encode('utf-8') + b'\n\x01' + key)[:4]
        ours = [value for name, identity, value in self.signatures if name == origin and identity == key_id]
        return len(ours) > 0 and all(verify_ed25519(key, self.body, value) for value in ours)


def split_notes(text):
    """Empty lines alternately lie inside a note and between two."""
    parts = text.split('\n\n')
    if len(parts) % 2 != 0:
        raise Refused('checkpoint-malformed', 'checkpoints.txt ends inside a note')
    notes = [parts[i] + '\n\n' + parts[i + 1] for i in range(0, len(parts), 2)]
    # The newline that ends a note was taken as half of the empty line after it.
    return [note if i == len(notes) - 1 else note + '\n' for i, note in enumerate(notes)]


def check_signature(public_key, assertion):
    """Rule 3 of section 4."""
    try:
        data = decode64url(assertion['authenticatorData'])
        signed = data + sha256(decode64url(assertion['clientDataJSON']))
        signature = decode64url(assertion['signature'])
        if public_key['kty'] == 'EC':
            return verify_es256(decode64url(public_key['x']), decode64url(public_key['y']), signed, signature)
        return verify_ed25519(decode64url(public_key['x']), signed, signature)
    except ValueError:
        return False


def is_origin(origin):
    return isinstance(origin, str) and (origin == ORIGIN or LOOPBACK_ORIGIN.fullmatch(origin) is not None)


def check_tap(public_key, assertion, challenge):
    """Section 4. Raises tap-statement-mismatch for another challenge, tap-signature-invalid for everything else."""
    bad = lambda why: Refused('tap-signature-invalid', why)
    try:
        client = json.loads(decode64url(assertion['clientDataJSON']).decode('utf-8'))
        data = decode64url(assertion['authenticatorData'])
    except ValueError as error:
        raise bad('client data') from error
    if not isinstance(client, dict) or client.get('type') != 'webauthn.get' or not is_origin(client.get('origin')):
        raise bad('client data')
    if client.get('crossOrigin', False) is not False or 'topOrigin' in client:
        raise bad('cross origin')
    if len(data) < 37 or data[:32] != sha256(RP_ID.encode('ascii')):
        raise bad('RP id')
    if data[32] & 0x05 != 0x05 or data[32] & 0x58 != 0 or (len(data) > 37) != (data[32] & 0x80 != 0):
        raise bad('flags')
    if not check_signature(public_key, assertion):
        raise bad('signature')
    if client.get('challenge') != encode64url(challenge):
        raise Refused('tap-statement-mismatch', 'the tap approved something else')


def manifest_hash(manifest):
    return sha256(message('manifest', manifest))


def keys_of(manifest, person):
    """credential id → public key, of one person in one version (None: no version)."""
    persons = [] if manifest is None else manifest['persons']
    return {key['credentialId']: key['publicKey'] for one in persons if one['id'] == person for key in one['keys']}


def custodians_of(manifest):
    return {one['person'] for safe in manifest['safes'] for one in safe['custodians']}


def check_rules(manifest):
    """Rule 2 of section 3."""

    def need(holds, what):
        if not holds:
            raise Refused('manifest-malformed', what)

    def unique(values):
        return len(set(values)) == len(values)

    persons = {person['id']: person for person in manifest['persons']}
    for kind in ('persons', 'safes', 'stations'):
        need(unique([one['id'] for one in manifest[kind]]), f'{kind} ids')
    need(unique([key['credentialId'] for one in manifest['persons'] for key in one['keys']]), 'a key listed twice')
    need(len(manifest['safes']) > 0 and len(manifest['stations']) > 0, 'no safe or no station')
    for safe in manifest['safes']:
        names = [one['person'] for one in safe['custodians']]
        need(unique(names), 'a custodian listed twice')
        need(all(name in persons and 'custodian' in persons[name]['roles'] and persons[name]['keys'] for name in names), 'custodian')
        need(sorted(one['index'] for one in safe['custodians']) == list(range(1, len(names) + 1)), 'share indices')
        need(safe['threshold'] <= len(names), 'threshold')
        need(safe['policy']['windowSecondsMin'] <= safe['policy']['windowSecondsMax'], 'window')
        vetoers = safe['policy'].get('delay', {'vetoers': []})['vetoers']
        need(unique(vetoers) and all(name in persons and persons[name]['keys'] for name in vetoers), 'vetoers')
    need(manifest['quorum'] <= len(custodians_of(manifest)), 'quorum')
    models = [one['aaguid'] for one in manifest.get('models', [])]
    named = {aaguid for safe in manifest['safes'] for aaguid in safe['policy'].get('models', [])}
    need(unique(models) and set(models) == named, 'models')
    for person in manifest['persons']:
        held = [safe for safe in manifest['safes'] if any(one['person'] == person['id'] for one in safe['custodians'])]
        lists = [safe['policy']['models'] for safe in held if 'models' in safe['policy']]
        allowed = all('attestation' in key and all(key['aaguid'] in one for one in lists) for key in person['keys'])
        need(not lists or allowed, 'model of a key')


def find_own_change(before, manifest):
    """Rule 5 a of section 3: the one person whose keys changed as they may change them alone, or None."""
    old, new = before['persons'], manifest['persons']
    same = {**manifest, **{name: before[name] for name in ('version', 'previous', 'createdAt')}, 'persons': old}
    if same != before or len(old) != len(new):
        return None
    differing = [(a, b) for a, b in zip(old, new) if a != b]
    if len(differing) != 1 or not differing[0][0]['keys']:
        return None
    a, b = differing[0]
    if len(b['keys']) > len(a['keys']) and any(
        'models' in safe['policy'] and a['id'] in [one['person'] for one in safe['custodians']] for safe in before['safes']
    ):
        return None
    kept = [{**key, 'label': was['label']} for key, was in zip(b['keys'], a['keys'])]
    return a['id'] if {**b, 'keys': []} == {**a, 'keys': []} and kept == a['keys'] else None


def check_own_change(before, manifest, signers, version):
    """False: not such a change; the rule for all others decides."""
    person = None if before is None else find_own_change(before, manifest)
    if person is None:
        return False
    if list(signers) != [person] or signers[person] not in keys_of(before, person):
        raise Refused('manifest-quorum-missing', f'version {version}: only its owner signs')
    return True


def may_vote(before, manifest, person, key):
    """Whether this key counts for the quorum of the version before: it is not one that this version strikes off."""
    stays = person in [one['id'] for one in manifest['persons']]
    return key in keys_of(before, person) and (not stays or key in keys_of(manifest, person))


def check_chain(chain):
    """Section 3: `chain` is [{"manifest", "signatures"}] with versions ascending."""
    before = None
    for at, signed in enumerate(chain):
        manifest, signers = signed['manifest'], {}
        expected = None if before is None else encode64url(manifest_hash(before))
        if manifest['version'] != at + 1 or manifest['previous'] != expected:
            raise Refused('manifest-chain-broken', f'version {at + 1}')
        if before is not None and manifest['vault'] != before['vault']:
            raise Refused('manifest-chain-broken', 'vault')
        check_rules(manifest)
        for tap in signed['signatures']:
            own = {**keys_of(before, tap['person']), **keys_of(manifest, tap['person'])}
            if tap['key'] not in own or tap['person'] in signers:
                raise Refused('manifest-signature-invalid', 'unknown key, or a person twice')
            try:
                check_tap(own[tap['key']], tap['assertion'], manifest_hash(manifest))
            except Refused as error:
                raise Refused('manifest-signature-invalid', error.why) from error
            signers[tap['person']] = tap['key']
        if check_own_change(before, manifest, signers, at + 1):
            before = manifest
            continue
        added = custodians_of(manifest) - (set() if before is None else custodians_of(before))
        if not all(signers.get(one) in keys_of(manifest, one) for one in added):
            raise Refused('manifest-quorum-missing', f'version {at + 1}: not every new custodian has signed')
        if before is not None:
            agreed = [one for one in custodians_of(before) if may_vote(before, manifest, one, signers.get(one))]
            if len(agreed) < before['quorum']:
                raise Refused('manifest-quorum-missing', f'version {at + 1}')
        before = manifest
    return chain


def tap_text(tap):
    return canonical({name: tap[name] for name in ('person', 'key', 'assertion')})
