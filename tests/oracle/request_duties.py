"""Requests: asked for, approved, waiting, granted, used. From docs/format.md, section 5, its table and "Time delay"."""

from log_parts import check_signature, check_tap, keys_of
from shapes import Refused, canonical, encode64url, message, moment, sha256

MISMATCH = 'tap-statement-mismatch'
QUORUM = 'grant-without-quorum'
FRESH = ('createdAt', 'head', 'nonce', 'first')


def need(holds, code, why):
    if not holds:
        raise Refused(code, why)


def challenge_of(statement):
    return sha256(message('request', statement))


def without(statement, names):
    return {name: value for name, value in statement.items() if name not in names}


class Requests:
    """Every request of this log, by its id. `stage`: asked, waiting, resumed, closed."""

    def __init__(self, duties):
        self.duties, self.known, self.uses = duties, {}, {}

    def drop_open(self):
        for request in self.known.values():
            request['stage'] = 'closed'

    def find_open(self, name, code):
        request = self.known.get(name)
        need(request is not None and request['stage'] != 'closed', code, 'the request is not open')
        return request

    def find_safe(self, name):
        safes = [] if self.duties.manifest is None else self.duties.manifest['safes']
        return next((safe for safe in safes if safe['id'] == name), None)

    def delay_of(self, request):
        safe = self.find_safe(request['statement']['safe'])
        return None if safe is None else safe['policy'].get('delay')

    def check_version(self, statement):
        """Returns the version it names, which must exist as it says."""
        sealed = self.duties.records.versions.get((statement['credential'], statement['version']))
        need(sealed is not None, MISMATCH, 'no such version')
        same = sealed['safe'] == statement['safe'] and sealed['record'] == statement['record']
        need(same, MISMATCH, 'safe or record')
        newest = self.duties.records.newest(statement['credential'])['version']
        said = statement.get('newest', statement['version'])
        need(said == newest and statement.get('newest') != statement['version'], MISMATCH, 'newest')
        return sealed

    # Asking

    def on_request_opened(self, seq, entry, data):
        statement = data['statement']
        names = {'statement': statement, 'credentialName': data['credentialName']}
        self.known[statement['request']] = {**names, 'stage': 'asked', 'granted': None, 'tapped': set(), 'counted': set()}
        self.duties.check_statement(seq, statement)
        need('first' not in statement, MISMATCH, 'nothing came before it')
        safe = self.find_safe(statement['safe'])
        need(safe is not None, MISMATCH, 'safe')
        need(statement['requester'] in [one['id'] for one in self.duties.manifest['persons']], MISMATCH, 'requester')
        policy = safe['policy']
        inside = policy['windowSecondsMin'] <= statement['windowSeconds'] <= policy['windowSecondsMax']
        need(inside, MISMATCH, 'window')
        need(self.check_version(statement)['name'] == data['credentialName'], MISMATCH, 'name')

    def on_tap_accepted(self, seq, entry, data):
        person = data['person']
        self.duties.check_actor(entry, person)
        keys = keys_of(self.duties.manifest, person)
        if data['request'] is None:
            for key in [keys[data['key']]] if data['key'] in keys else self.duties.find_enrolled(person, data['key']):
                need(check_signature(key, data['assertion']), 'tap-signature-invalid', 'signature')
            return
        request = self.find_open(data['request'], MISMATCH)
        need(request['stage'] != 'waiting', MISMATCH, 'the request waits')
        need(data['key'] in keys, 'tap-key-unknown', 'key')
        check_tap(keys[data['key']], data['assertion'], challenge_of(request['statement']))
        request['tapped'].add(person)
        if data['counts']:
            safe = self.find_safe(request['statement']['safe'])
            custodians = [] if safe is None else [one['person'] for one in safe['custodians']]
            need(person in custodians, MISMATCH, 'counted, but not a custodian')
            may = safe['policy']['requesterMayTap'] or person != request['statement']['requester']
            need(may, MISMATCH, 'counted, but the requester')
            request['counted'].add(person)

    def check_quorum(self, request, approvals):
        statement = request['statement']
        need(statement['requester'] in request['tapped'], QUORUM, 'no tap of the requester')
        safe = self.find_safe(statement['safe'])
        need(safe is not None, QUORUM, 'safe')
        custodians = {one['person'] for one in safe['custodians']}
        need(len(set(approvals)) == len(approvals) >= safe['threshold'], QUORUM, 'too few, or one twice')
        need(set(approvals) <= custodians & request['counted'], QUORUM, 'not a custodian, or no tap that counts')
        need(safe['policy']['requesterMayTap'] or statement['requester'] not in approvals, QUORUM, 'the requester')

    # Time delay

    def on_request_waiting(self, seq, entry, data):
        request = self.find_open(data['request'], QUORUM)
        need(request['stage'] == 'asked', QUORUM, 'it was waiting before')
        need(request['granted'] is None, QUORUM, 'granted before')
        request.update(stage='waiting', since=entry, delay=data['delaySeconds'])
        statement, delay = request['statement'], self.delay_of(request)
        self.duties.check_actor(entry, statement['requester'])
        need(delay is not None and data['delaySeconds'] == delay['seconds'], QUORUM, 'another delay than the policy has')
        for name in ('credential', 'version'):
            need(data[name] == statement[name], QUORUM, name)
        self.check_quorum(request, data['approvals'])

    def on_request_resumed(self, seq, entry, data):
        statement = data['statement']
        self.duties.check_statement(seq, statement)
        request = self.find_open(statement['request'], MISMATCH)
        need(request['stage'] == 'waiting', MISMATCH, 'it does not wait')
        before = request['statement']
        request.update(stage='resumed', statement=statement, tapped=set(), counted=set())
        same = canonical(without(statement, FRESH)) == canonical(without(before, FRESH))
        need(same, MISMATCH, 'not the statement that was approved')
        need(statement.get('first') == encode64url(challenge_of(before)), MISMATCH, 'first')
        self.check_version(statement)
        since, wait = request['since'], 1000 * request['delay']
        need(entry['monotonic'] - since['monotonic'] >= wait, QUORUM, 'too early')
        start, end = moment(since['at']), moment(entry['at'])
        need(start is not None and end is not None and end - start >= wait, QUORUM, 'too early by the wall clock')

    def on_request_vetoed(self, seq, entry, data):
        statement, request = data['statement'], self.known.get(data['request'])
        stage = None if request is None else request['stage']
        if request is not None:
            request['stage'] = 'closed'
        detail = self.duties.check_act(seq, entry, 'veto', statement, data['key'], data['assertion'])
        need(stage == 'waiting', MISMATCH, 'it does not wait')
        delay = self.delay_of(request)
        need(delay is not None and statement['person'] in delay['vetoers'], MISMATCH, 'not one who may')
        truth = {name: request['statement'][name] for name in ('request', 'credential', 'version', 'requester')}
        truth.update(credentialName=request['credentialName'], waitingSince=request['since']['at'])
        need(all(detail[name] == truth[name] for name in truth), MISMATCH, 'shows another request')

    # Opening

    def on_request_granted(self, seq, entry, data):
        request = self.find_open(data['request'], QUORUM)
        need(request['granted'] is None, QUORUM, 'granted before')
        request['granted'] = entry['monotonic']
        statement = request['statement']
        self.uses[data['request']] = {name: statement[name] for name in ('credential', 'version', 'requester')}
        self.uses[data['request']].update(credentialName=request['credentialName'], grantedAt=entry['at'])
        self.duties.check_actor(entry, statement['requester'])
        need(request['stage'] != 'waiting', QUORUM, 'it waits')
        need(request['stage'] == 'resumed' or self.delay_of(request) is None, QUORUM, 'it has not waited')
        for name in ('credential', 'version', 'windowSeconds'):
            need(data[name] == statement[name], QUORUM, name)
        self.check_quorum(request, data['approvals'])

    def check_use(self, seq, entry, data):
        request = self.find_open(data['request'], QUORUM)
        need(request['granted'] is not None, QUORUM, 'not granted')
        statement = request['statement']
        need(statement['credential'] == data['credential'], QUORUM, 'another credential')
        need(entry['type'] != 'code.burned' or data['version'] == statement['version'], QUORUM, 'another version')
        last = request['granted'] + 1000 * statement['windowSeconds'] + 6000
        need(entry['monotonic'] <= last, QUORUM, 'after the window')
        self.duties.check_actor(entry, statement['requester'])

    on_field_shown = on_field_copied = on_code_burned = check_use

    def close(self, seq, entry, data):
        if data['request'] in self.known:
            self.known[data['request']]['stage'] = 'closed'

    on_window_closed = on_request_cancelled = on_request_expired = on_request_failed = close

    def on_request_classified(self, seq, entry, data):
        detail = self.duties.check_act(seq, entry, 'classify', data['statement'], data['key'], data['assertion'])
        need(detail['request'] == data['request'], MISMATCH, 'request')
        use = self.uses.get(data['request'])
        need(use is not None, MISMATCH, 'never granted')
        need(all(detail[name] == use[name] for name in use), MISMATCH, 'shows another request')
