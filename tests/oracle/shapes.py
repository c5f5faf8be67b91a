"""Canonical JSON, strict encodings, messages, and the shapes of docs/format.schema.json. From docs/format.md, section 1."""

import base64
import hashlib
import json
import re
import unicodedata

SAFE = 2**53 - 1
# The one pattern that Python's `re` cannot say.
INITIALS = '^\\p{Lu}{1,4}$'


class Refused(Exception):
    """What a verifier refuses: a problem code of section 8, the entry concerned (or None), and why."""

    def __init__(self, code, why):
        super().__init__(f'{code}: {why}')
        self.code, self.why = code, why


def sha256(data):
    return hashlib.sha256(data).digest()


def encode64url(data):
    return base64.urlsafe_b64encode(data).decode('ascii').rstrip('=')


def decode64url(text):
    """Strict: only what encoding these bytes gives."""
    if re.fullmatch(r'[A-Za-z0-9_-]*', text) is None or len(text) % 4 == 1:
        raise ValueError('base64url')
    data = base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
    if encode64url(data) != text:
        raise ValueError('base64url')
    return data


def decode64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode('ascii') != text:
        raise ValueError('base64')
    return data


def canonical(value):
    """RFC 8785 for values whose numbers are integers."""

    def sort(one):
        if isinstance(one, dict):
            return {key: sort(one[key]) for key in sorted(one, key=lambda key: key.encode('utf-16-be', 'surrogatepass'))}
        return [sort(item) for item in one] if isinstance(one, list) else one

    return json.dumps(sort(value), ensure_ascii=False, separators=(',', ':')).encode('utf-8')


def parse_canonical(data):
    """The value whose canonical form `data` is. ValueError when there is none."""

    def refuse(_):
        raise ValueError('a number that is not an integer')

    value = json.loads(data.decode('utf-8'), parse_float=refuse, parse_constant=refuse)
    if canonical(value) != data:
        raise LookupError('not canonical')
    return value


def moment(text):
    """Milliseconds of a time, counted from 0000-01-01T00:00:00.000Z; None when the calendar has no such time."""
    year, month, day, hour, minute, second, millisecond = (int(part) for part in re.split('[-T:.]', text[:-1]))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    months = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (1 <= month <= 12 and 1 <= day <= months[month - 1] and hour < 24 and minute < 60 and second < 60):
        return None
    # Years before this one, and what is gone of it.
    leaps = (year + 3) // 4 - (year + 99) // 100 + (year + 399) // 400
    days = year * 365 + leaps + sum(months[: month - 1]) + day - 1
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + millisecond


def message(purpose, value):
    return b'halligan/' + purpose.encode('ascii') + b'/v1\n' + canonical(value)


def length16(text):
    return len(text.encode('utf-16-be', 'surrogatepass')) // 2


CONTROL = re.compile('[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
# Members that may hold several lines.
LINES = ('reason', 'note', 'what', 'instruction', 'rotationNote', 'ca', 'clientCertificate')
ONE_LINE = re.compile('[\t\n\u2028\u2029]')
# White space as ECMAScript trims it.
ENDS = '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'


def check_text(text, name):
    if CONTROL.search(text) is not None:
        return False
    return name in LINES or (ONE_LINE.search(text) is None and text.strip(ENDS) == text)


def check_string(schema, value, name):
    if not schema.get('minLength', 0) <= length16(value) <= schema.get('maxLength', SAFE):
        return False
    if schema.get('pattern') == INITIALS:
        return len(value) <= 4 and value != '' and all(unicodedata.category(one) == 'Lu' for one in value)
    if 'pattern' in schema and re.fullmatch(schema['pattern'].strip('^$'), value) is None:
        return False
    described = schema.get('description', '')
    if described.startswith('base64url'):
        try:
            decode64url(value)
        except ValueError:
            return False
    return check_text(value, name) if described.startswith('text for people') else True


KNOWN = {'$schema', 'type', 'properties', 'required', 'additionalProperties', 'items', 'minItems', 'maxItems', 'minLength',
         'maxLength', 'minimum', 'maximum', 'pattern', 'description', 'const', 'enum', 'oneOf', 'anyOf'}


def fits(schema, value, name=''):
    """True when `value` fits `schema`: the part of JSON Schema that format.schema.json uses."""
    if set(schema) - KNOWN:
        raise NotImplementedError(str(set(schema) - KNOWN))
    for word in ('oneOf', 'anyOf'):
        if word in schema:
            fitting = sum(fits(one, value, name) for one in schema[word])
            return fitting == 1 if word == 'oneOf' else fitting > 0
    if 'const' in schema and (value != schema['const'] or isinstance(value, bool) != isinstance(schema['const'], bool)):
        return False
    if 'enum' in schema and value not in schema['enum']:
        return False
    kind = schema.get('type')
    if kind == 'object':
        if not isinstance(value, dict) or set(value) - set(schema['properties']) or set(schema['required']) - set(value):
            return False
        return all(fits(schema['properties'][key], item, key) for key, item in value.items())
    if kind == 'array':
        if not isinstance(value, list) or not schema.get('minItems', 0) <= len(value) <= schema.get('maxItems', SAFE):
            return False
        return all(fits(schema['items'], item, name) for item in value)
    if kind == 'string':
        return isinstance(value, str) and check_string(schema, value, name)
    if kind == 'integer':
        in_range = isinstance(value, int) and not isinstance(value, bool)
        return in_range and schema.get('minimum', -SAFE) <= value <= schema.get('maximum', SAFE)
    if kind == 'boolean':
        return isinstance(value, bool)
    if kind == 'null':
        return value is None
    raise NotImplementedError(str(kind))
