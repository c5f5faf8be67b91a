"""What an export says of itself, and parts. From docs/format.md, sections 6 and 8 ("A part")."""

import hashlib
import os

from curves import verify_ed25519
from log_parts import check_tap, keys_of, manifest_hash
from shapes import Refused, decode64url, encode64url, fits, message, parse_canonical, sha256

READ = {'whole': ['log.jsonl', 'checkpoints.txt', 'manifests.jsonl'], 'part': ['entries.jsonl', 'proofs.jsonl', 'checkpoints.txt', 'manifests.jsonl']}
ALWAYS = ('vault.created', 'log.key-rotated', 'key.enrolled', 'manifest.signed', 'manifest.changed', 'export.made')


def node(left, right):
    return sha256(b'\x01' + left + right)


def need(holds, code, why):
    if not holds:
        raise Refused(code, why)


def read_description(folder, schema):
    """`{"export", "signature"}`; None when the file is not there."""
    try:
        with open(os.path.join(folder, 'export.json'), 'rb') as source:
            data = source.read()
    except FileNotFoundError:
        return None
    try:
        need(data.endswith(b'\n') and data.startswith(b'{') and len(data) <= 65537, 'export-malformed', 'form')
        signed = parse_canonical(data[:-1])
    except (ValueError, LookupError) as error:
        raise Refused('export-malformed', str(error)) from error
    need(fits(schema, signed), 'export-malformed', 'shape')
    names = [one['name'] for one in signed['export']['files']]
    need(names == sorted(set(names)), 'export-malformed', 'names do not ascend')
    return signed


def check_description(signed, key):
    need(verify_ed25519(key, message('export', signed['export']), decode64url(signed['signature'])), 'export-signature-invalid', '')


def check_signer(said, manifest):
    """The tap of whoever signs for the export, if there is one."""
    if 'signed' not in said:
        return
    bad = 'export-signature-invalid'
    statement, detail = said['signed']['statement'], said['signed']['statement']['detail']
    need(manifest is not None and statement['manifest'] == encode64url(manifest_hash(manifest)), bad, 'manifest')
    need((statement['vault'], statement['station']) == (said['vault'], said['station']), bad, 'another log')
    about = (detail['kind'], detail.get('size'), detail.get('root'), detail.get('selection'))
    need(about == ('export', said['size'], said['root'], said['selection']), bad, 'about something else')
    keys = keys_of(manifest, statement['person'])
    need(said['signed']['key'] in keys, bad, 'key')
    try:
        check_tap(keys[said['signed']['key']], said['signed']['assertion'], sha256(message('act', statement)))
    except Refused as refused:
        raise Refused(bad, refused.why) from refused


def check_claims(said, facts):
    for name, value in facts.items():
        need(value is None or said[name] == value, 'export-mismatch', name)
    need((said['selection'] is None) == (said['kind'] == 'whole'), 'export-mismatch', 'selection')


def check_files(said, folder):
    listed = {one['name']: one for one in said['files']}
    for name in READ[said['kind']]:
        need(name in listed, 'export-file-changed', name + ' is not listed')
    for name, one in listed.items():
        try:
            with open(os.path.join(folder, name), 'rb') as source:
                data = source.read()
        except FileNotFoundError as error:
            raise Refused('export-file-changed', name) from error
        same = len(data) == one['bytes'] and hashlib.sha256(data).digest() == decode64url(one['sha256'])
        need(same, 'export-file-changed', name)


# Proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2)


def inclusion(leaf, index, size, path):
    """The roots that an audit path leads to: of the whole tree, before the leaf and after it. None when it has another length."""
    if not 0 <= index < size:
        return None
    at, last, whole, before, after = index, size - 1, leaf, None, leaf
    for sibling in path:
        if last == 0:
            return None
        if at % 2 == 1 or at == last:
            whole, after = node(sibling, whole), node(sibling, after)
            before = sibling if before is None else node(sibling, before)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            whole = node(whole, sibling)
        at, last = at // 2, last // 2
    return (whole, sha256(b'') if before is None else before, after) if last == 0 else None


def consistent(old_size, old_root, size, root, path):
    if old_size > size or old_size < 0:
        return False
    if old_size == size:
        return path == [] and old_root == root
    if old_size == 0:
        return path == [] and old_root == sha256(b'')
    at, last = old_size - 1, size - 1
    while at % 2 == 1:
        at, last = at // 2, last // 2
    path = [old_root, *path] if at == 0 else list(path)
    if not path:
        return False
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            old, new = node(sibling, old), node(sibling, new)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            new = node(new, sibling)
        at, last = at // 2, last // 2
    return last == 0 and old == old_root and new == root


def heads_of(entry):
    """Heads that an entry speaks of, in the order of its proofs."""
    data = entry['data']
    heads = [(data['size'], data['root'])] if entry['type'] == 'export.made' else []
    for holder in (data, data.get('signed') or {}):
        if isinstance(holder.get('statement'), dict):
            head = holder['statement']['head']
            heads.append((head['size'], head['root']))
    if entry['type'] == 'minutes.written':
        head = data['minutes']['headAfter']
        heads.append((head['size'], head['root']))
    return heads


class ProvenHeads:
    """Stands in for the tree: knows the roots that proofs have shown."""

    def __init__(self, size, root):
        self.size, self.whole, self.current, self.all = size, root, {}, {size: root}

    def root(self, size):
        return self.current.get(size, b'')

    def leaf(self, seq):
        return b''

    def prove(self, line, entry, proof):
        """The entry's place and its heads."""
        self.current = {}
        need(proof is not None and (entry is None or proof['seq'] == entry['seq']), 'proof-invalid', 'line')
        found = inclusion(sha256(b'\x00' + line), proof['seq'], self.size, [decode64url(one) for one in proof['path']])
        need(found is not None and found[0] == self.whole, 'proof-invalid', 'path')
        self.all[proof['seq']], self.all[proof['seq'] + 1] = found[1], found[2]

    def prove_heads(self, entry, proof):
        heads = heads_of(entry)
        good = proof is not None and len(proof['heads']) == len(heads)
        for (size, root), path in zip(heads, proof['heads'] if proof is not None else []):
            if consistent(size, decode64url(root), self.size, self.whole, [decode64url(one) for one in path]):
                self.current[size] = self.all[size] = decode64url(root)
            else:
                good = False
        need(good, 'proof-invalid', 'heads')


# Selections


def holds(value, wanted):
    if isinstance(value, dict):
        return any(holds(one, wanted) for one in value.values())
    return any(holds(one, wanted) for one in value) if isinstance(value, list) else value == wanted


def is_selected(selection, entry):
    if selection['kind'] == 'period':
        return selection['from'] <= entry['at'] <= selection['to']
    if selection['kind'] == 'credential':
        return holds(entry['data'], selection['credential'])
    return holds(entry['data'], selection['person']) or holds(entry['actor'], selection['person'])


ASKS = ('request.opened', 'request.resumed')
RECORDS = ('credential.sealed', 'credential.resealed', 'credential.destroyed')
JOINT = ('joint.opened', 'joint.signed', 'proof.passed', 'ceremony.closed')


def group_of(entry):
    """The request or ceremony that it belongs to."""
    data = entry['data']
    if entry['type'] in ASKS:
        return data['statement']['request']
    if entry['type'] == 'joint.opened':
        return data['statement']['detail'].get('ceremony')
    return data.get('request', data.get('ceremony'))


def credential_of(entry):
    if entry['type'] in ASKS:
        return entry['data']['statement']['credential']
    return entry['data']['credential'] if entry['type'] in RECORDS else None


def act_of(entry):
    return entry['data']['statement']['act'] if entry['type'] == 'joint.opened' else entry['data'].get('act')


def check_selection(selection, entries, said):
    """Rule 5 of "A part": everything shown is selected or needed, and as many are selected as it says."""
    selected = [entry for entry in entries if is_selected(selection, entry)]
    groups = {group_of(entry) for entry in selected} - {None}
    shown = [e for e in entries if e['type'] in ALWAYS or is_selected(selection, e) or group_of(e) in groups]
    credentials = {credential_of(e) for e in shown} - {None}
    shown += [e for e in entries if e['type'] in RECORDS and e['data']['credential'] in credentials]
    acts = {act_of(e) for e in shown} - {None}
    needed = [e for e in entries if e['type'] in JOINT and act_of(e) in acts]
    allowed = {e['seq'] for e in shown + needed}
    need(all(e['seq'] in allowed for e in entries), 'export-mismatch', 'an entry that was not asked for')
    need(len(selected) == said, 'export-mismatch', 'selected')


def judge_part(known, origin, heads):
    """Completeness of a part: (verdict, problem) for a known note, already read."""
    if known.origin != origin:
        return 'incomplete', 'known-checkpoint-invalid'
    if known.size > heads.size:
        return 'incomplete', 'known-checkpoint-ahead'
    root = heads.all.get(known.size)
    if root is None:
        return 'cannot-be-judged', 'known-checkpoint-invalid'
    return ('cannot-be-judged', None) if root == known.root else ('incomplete', 'known-checkpoint-mismatch')
