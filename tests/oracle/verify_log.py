#!/usr/bin/env python3
"""A second verifier of exported logs, from docs/format.md and its format.schema.json. It shares no code with the product.

    verify_log.py FOLDER...        one JSON report a line

Next to an export's files a folder may hold `known.txt`, a checkpoint known from elsewhere, or `words.txt`, four words and the size they were said of. Python 3.8, nothing else.
"""

import json
import os
import sys

from curves import verify_ed25519
from duties import Duties
from exports import ProvenHeads, check_claims, check_description, check_files, check_selection, check_signer, judge_part, read_description
from log_parts import Note, Tree, check_chain, head_words, split_notes
from shapes import Refused, decode64url, encode64url, fits, message, parse_canonical, sha256

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, '..', '..', 'docs', 'format.schema.json'), encoding='utf-8') as file:
    SCHEMA = json.load(file)
FOR_PEOPLE = ('ceremonies.csv', 'report.csv', 'report.pdf', 'verify.html', 'verify.mjs')
ENTRY_OF = {one['properties']['type']['const']: one for one in SCHEMA['entry']['oneOf']}


def read_lines(folder, name):
    """A file that is not there counts as empty."""
    try:
        with open(os.path.join(folder, name), 'rb') as source:
            data = source.read()
    except FileNotFoundError:
        data = b''
    lines = data.split(b'\n')
    # What follows the last newline is a line that nobody finished: no entry can be empty, so this one is refused later.
    return lines[:-1] if lines[-1] == b'' else [*lines, b'']


def refuse(code, why):
    raise Refused(code, why)


class Verifier:
    def __init__(self, folder):
        self.folder, self.problems, self.tree = folder, [], Tree()
        self.keys_at, self.vouched, self.chain = [], 0, []
        self.state, self.manifests, self.expected, self.sound = None, [], 0, True

    def found(self, code, seq, why=''):
        self.problems.append({'code': code, 'seq': seq, 'detail': why})

    def attempt(self, seq, work, *values):
        try:
            work(*values)
            return True
        except Refused as refused:
            self.found(refused.code, seq, refused.why)
            return False

    def attempt_place(self, seq, work, *values):
        """As `attempt`; nothing that comes after a broken place is vouched for."""
        self.sound = self.attempt(seq, work, *values) and self.sound

    def read_manifests(self):
        lines = read_lines(self.folder, 'manifests.jsonl')
        if len(lines) > 65536:
            raise Refused('manifest-malformed', 'too many')
        for line in lines:
            if len(line) > 8 << 20:
                raise Refused('manifest-malformed', 'too long')
            try:
                signed = parse_canonical(line)
            except (ValueError, LookupError) as error:
                raise Refused('manifest-malformed', str(error)) from error
            if not fits(SCHEMA['signedManifest'], signed):
                raise Refused('manifest-malformed', 'shape')
            self.manifests.append(signed)
        check_chain(self.manifests)

    def read_notes(self):
        try:
            with open(os.path.join(self.folder, 'checkpoints.txt'), 'rb') as source:
                text = source.read().decode('utf-8')
        except FileNotFoundError:
            text = ''
        except UnicodeDecodeError as error:
            raise Refused('checkpoint-malformed', 'UTF-8') from error
        notes = [] if text == '' else [Note(one) for one in split_notes(text)]
        ascending = []
        for note in notes:
            if ascending and note.size <= ascending[-1].size:
                self.found('checkpoint-malformed', note.size - 1, 'sizes do not ascend')
            else:
                ascending.append(note)
        return ascending

    def read_entry(self, line):
        if len(line) > 1 << 20 or not line.startswith(b'{'):
            raise Refused('entry-malformed', 'too long, or no object')
        try:
            entry = parse_canonical(line)
        except LookupError as error:
            raise Refused('entry-not-canonical', '') from error
        except ValueError as error:
            raise Refused('entry-malformed', str(error)) from error
        schema = ENTRY_OF.get(entry.get('type'))
        if schema is None or not fits(schema, entry):
            raise Refused('entry-malformed', 'shape')
        return entry

    def check_first(self, entry):
        data = entry['data']
        if entry['type'] != 'vault.created' or entry['seq'] != 0 or decode64url(entry['prev']) != bytes(32):
            raise Refused('log-first-entry-wrong', 'type, seq or prev')
        self.state = {'vault': data['vault'], 'station': entry['station'], 'boot': entry['boot'], 'key': data['key']}
        self.state.update(vaultName=data['name'], stationName=data['station'])
        self.state['monotonic'] = entry['monotonic']
        if self.manifests:
            first = self.manifests[0]['manifest']
            listed = {one['id']: one['firstKey'] for one in first['stations']}
            if first['vault'] != data['vault'] or listed.get(entry['station']) != data['key']:
                raise Refused('log-first-entry-wrong', 'not the log that the manifest names')

    def check_link(self, entry, previous_leaf, count):
        """Number and chain; the entry that a broken link blames depends on what is vouched for."""
        if entry['seq'] != self.expected:
            self.attempt_place(entry['seq'], refuse, 'entry-out-of-order', 'seq')
        elif previous_leaf is not None and decode64url(entry['prev']) != previous_leaf:
            blamed = entry['seq'] if self.vouched >= count else entry['seq'] - 1
            self.attempt_place(blamed, refuse, 'entry-chain-broken', '')
        if entry['type'] == 'vault.created':
            self.attempt_place(entry['seq'], refuse, 'log-first-entry-wrong', 'a second beginning')

    def check_place(self, entry):
        state = self.state
        if entry['station'] != state['station']:
            raise Refused('entry-wrong-station', 'station')
        new_boot, rotated = entry['boot'] != state['boot'], entry['type'] == 'log.key-rotated'
        if new_boot != rotated:
            raise Refused('entry-wrong-station', 'boot changes without rotation, or rotation without')
        if not new_boot and entry['monotonic'] < state['monotonic']:
            raise Refused('entry-out-of-order', 'monotonic')

    def check_rotation(self, entry):
        state, data = self.state, entry['data']
        signed = {name: entry[name] for name in ('station', 'boot', 'seq', 'prev')}
        text = message('station-key', {**signed, 'vault': state['vault'], 'key': data['key']})
        active, state['key'] = state['key'], data['key']
        if data['previousKey'] != active or data['key'] == active:
            raise Refused('key-rotation-invalid', 'keys')
        if not verify_ed25519(decode64url(data['previousKey']), text, decode64url(data['signature'])):
            raise Refused('key-rotation-invalid', 'signature')

    def origin(self):
        return f"halligan.localhost/log/{self.state['vault']}/{self.state['station']}"

    def attempt_note(self, count, note):
        if note.origin != self.origin():
            return self.found('checkpoint-malformed', None, 'origin')
        return self.attempt(count, self.check_note, note)

    def check_note(self, note):
        origin = self.origin()
        if not note.verify(origin, decode64url(self.keys_at[note.size - 1])):
            raise Refused('checkpoint-signature-invalid', str(note.size))
        if note.root != self.tree.root(note.size):
            raise Refused('checkpoint-root-mismatch', str(note.size))

    def check_entries(self, lines, notes):
        by_size, duties, previous_leaf = {note.size: note for note in notes}, None, None
        for count, line in enumerate(lines):
            entry = None
            try:
                entry = self.read_entry(line)
            except Refused as refused:
                self.found(refused.code, self.expected, refused.why)
                self.sound = False
            if entry is not None:
                if count == 0:
                    self.attempt_place(entry['seq'], self.check_first, entry)
                    duties = None if self.state is None else Duties(self.state, self.tree, self.manifests)
                else:
                    self.check_link(entry, previous_leaf, count)
                if count > 0 and self.state is not None:
                    self.attempt_place(entry['seq'], self.check_place, entry)
                    if entry['type'] == 'log.key-rotated':
                        self.attempt_place(entry['seq'], self.check_rotation, entry)
                    self.state.update(boot=entry['boot'], monotonic=entry['monotonic'])
                if duties is not None:
                    self.attempt(entry['seq'], duties.check, count, entry)
            self.expected = (self.expected if entry is None else entry['seq']) + 1
            leaf = self.tree.add(line)
            # After an entry that cannot be read there is nothing to hold the next link against.
            previous_leaf = None if entry is None else leaf
            self.keys_at.append(None if self.state is None else self.state['key'])
            note = by_size.get(count + 1)
            if note is not None and self.state is not None and self.attempt_note(count, note) and self.sound:
                self.vouched = count + 1
        covered = max([size for size in by_size if size <= len(lines)], default=0)
        if covered < len(lines):
            self.found('checkpoint-missing', covered)
        for size in by_size:
            if size > len(lines):
                self.found('checkpoint-beyond-log', None, str(size))
        if duties is None or duties.in_force < len(self.manifests):
            self.found('manifest-not-in-log', None)
        if duties is not None and duties.records.row:
            self.found('joint-incomplete', duties.records.row[-1][0])
        self.last_manifest = None if duties is None else duties.manifest

    def check_export(self, kind, facts):
        """`export.json`, once the log has been read."""
        try:
            signed = read_description(self.folder, SCHEMA['signedExport'])
        except Refused as refused:
            return self.found(refused.code, None, refused.why)
        if signed is None:
            stray = [name for name in FOR_PEOPLE if os.path.exists(os.path.join(self.folder, name))]
            return self.found('export-malformed', None, 'missing') if kind == 'part' or stray else None
        said, state = signed['export'], self.state or {'key': encode64url(bytes(32)), 'vault': '', 'station': ''}
        self.attempt(None, check_description, signed, decode64url(state['key']))
        self.attempt(None, check_signer, said, self.last_manifest)
        self.attempt(None, check_claims, said, {**facts, 'kind': kind, 'vault': state['vault'], 'station': state['station']})
        return self.attempt(None, check_files, said, self.folder)

    def read_all(self):
        notes, self.last_manifest = [], None
        try:
            self.read_manifests()
        except Refused as refused:
            self.found(refused.code, None, refused.why)
        try:
            notes = self.read_notes()
        except Refused as refused:
            self.found(refused.code, None, refused.why)
        return notes

    def run(self):
        notes = self.read_all()
        lines = read_lines(self.folder, 'log.jsonl')
        if not lines:
            self.found('log-empty', None)
        else:
            self.check_entries(lines, notes)
        size, root = len(lines), encode64url(self.tree.root(len(self.tree.leaves)))
        self.check_export('whole', {'size': size, 'root': root, 'shown': size, 'selected': size})
        return self.report(size, root)

    def report(self, size, root):
        complete, problem = self.judge_completeness()
        return {
            'integrity': {'verdict': 'broken' if self.problems else 'intact', 'problems': self.problems, 'trustworthy': self.vouched},
            'completeness': {'verdict': complete, 'problem': problem},
            'size': size,
            'root': root,
        }

    def judge_words(self):
        try:
            with open(os.path.join(self.folder, 'words.txt'), encoding='ascii') as source:
                *words, said = source.read().split(' ')
        except FileNotFoundError:
            return 'cannot-be-judged', None
        size, (total, root_at, best) = int(said), self.reach()
        if size > total:
            return 'incomplete', 'known-checkpoint-ahead'
        root = root_at(size)
        if root is None:
            return 'cannot-be-judged', 'known-checkpoint-invalid'
        return (best, None) if head_words(size, root) == words else ('incomplete', 'known-words-mismatch')

    def reach(self):
        """Size, the roots that can be known, and the best that can be said of completeness."""
        return len(self.tree.leaves), self.tree.root, 'complete'

    def judge_completeness(self):
        try:
            with open(os.path.join(self.folder, 'known.txt'), 'rb') as source:
                note = Note(split_notes(source.read().decode('utf-8'))[-1])
        except FileNotFoundError:
            return self.judge_words()
        except (Refused, UnicodeDecodeError):
            return 'cannot-be-judged', 'known-checkpoint-invalid'
        if self.state is None:
            return 'incomplete', 'known-checkpoint-invalid'
        return self.judge_known(note)

    def judge_known(self, note):
        origin = self.origin()
        if note.origin != origin:
            return 'incomplete', 'known-checkpoint-invalid'
        if note.size > len(self.tree.leaves):
            return 'incomplete', 'known-checkpoint-ahead'
        if note.root != self.tree.root(note.size):
            return 'incomplete', 'known-checkpoint-mismatch'
        if not note.verify(origin, decode64url(self.keys_at[note.size - 1])):
            return 'cannot-be-judged', 'known-checkpoint-invalid'
        return 'complete', None


class PartVerifier(Verifier):
    """Section 8, "A part": entries with proofs instead of a tree."""

    def check_link(self, entry, previous_leaf, count):
        if entry['seq'] > self.expected:
            if entry['type'] == 'vault.created':
                self.attempt_place(entry['seq'], refuse, 'log-first-entry-wrong', 'a second beginning')
            return
        super().check_link(entry, previous_leaf, count)

    def read_proof(self, line):
        try:
            proof = parse_canonical(line)
        except (ValueError, LookupError):
            return None
        return proof if len(line) <= 16384 and fits(SCHEMA['proof'], proof) else None

    def check_shown(self, lines, proofs, heads):
        """Every entry shown, in order. Returns those that could be read."""
        entries, duties, previous_leaf = [], None, None
        for count, line in enumerate(lines):
            proof = self.read_proof(proofs[count]) if count < len(proofs) else None
            entry = None
            try:
                entry = self.read_entry(line)
            except Refused as refused:
                self.found(refused.code, self.expected if proof is None else proof['seq'], refused.why)
            self.proved += self.attempt(None if entry is None else entry['seq'], heads.prove, line, entry, proof)
            previous_leaf, before = None if entry is None else sha256(b'\x00' + line), previous_leaf
            if entry is None:
                self.expected = (self.expected if proof is None else proof['seq']) + 1
                continue
            seq = entry['seq']
            self.attempt(seq, heads.prove_heads, entry, proof)
            if count == 0:
                self.attempt_place(seq, self.check_first, entry)
                duties = None if self.state is None else Duties(self.state, heads, self.manifests, True)
            else:
                self.check_link(entry, before, count)
                if self.state is not None:
                    self.attempt_place(seq, self.check_place, entry)
                    if entry['type'] == 'log.key-rotated':
                        self.attempt_place(seq, self.check_rotation, entry)
                    self.state.update(boot=entry['boot'], monotonic=entry['monotonic'])
            if duties is not None:
                self.attempt(seq, duties.check, seq, entry)
            entries.append(entry)
            self.expected = seq + 1
        if duties is None or duties.in_force < len(self.manifests):
            self.found('manifest-not-in-log', None)
        if duties is not None and duties.records.row:
            self.found('joint-incomplete', duties.records.row[-1][0])
        self.last_manifest = None if duties is None else duties.manifest
        return entries

    def check_checkpoint(self, notes):
        if not notes:
            raise Refused('checkpoint-missing', '')
        if len(notes) > 1 or self.state is None or notes[0].origin != self.origin():
            raise Refused('checkpoint-malformed', 'one checkpoint of this log')
        if not notes[0].verify(self.origin(), decode64url(self.state['key'])):
            raise Refused('checkpoint-signature-invalid', '')

    def run(self):
        self.proved = 0
        notes = self.read_all()
        size, root = (notes[0].size, notes[0].root) if notes else (0, sha256(b''))
        self.heads = ProvenHeads(size, root)
        lines, proofs = read_lines(self.folder, 'entries.jsonl'), read_lines(self.folder, 'proofs.jsonl')
        if not lines:
            self.found('log-empty', None)
        entries = self.check_shown(lines, proofs, self.heads)
        if len(proofs) > len(lines):
            self.found('proof-invalid', None, 'a proof without its entry')
        if self.attempt(0 if not notes else size - 1, self.check_checkpoint, notes):
            self.vouched = self.proved
        try:
            signed = read_description(self.folder, SCHEMA['signedExport'])
            if signed is not None and signed['export']['selection'] is not None:
                check_selection(signed['export']['selection'], entries, signed['export']['selected'])
        except Refused as refused:
            if refused.code != 'export-malformed':
                self.found(refused.code, None, refused.why)
        self.check_export('part', {'size': size, 'root': encode64url(root), 'shown': len(lines)})
        return self.report(size, encode64url(root) if notes else None)

    def reach(self):
        return self.heads.size, self.heads.all.get, 'cannot-be-judged'

    def judge_known(self, note):
        return judge_part(note, self.origin(), self.heads)


def verify(folder):
    is_part = not os.path.exists(os.path.join(folder, 'log.jsonl')) and os.path.exists(os.path.join(folder, 'entries.jsonl'))
    return (PartVerifier if is_part else Verifier)(folder).run()


if __name__ == '__main__':
    for name in sys.argv[1:]:
        print(json.dumps(verify(name)), flush=True)
