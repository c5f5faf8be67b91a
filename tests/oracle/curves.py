"""Ed25519 (RFC 8032) and ECDSA P-256 with SHA-256 (FIPS 186-5): verification only, in plain Python. Slow; enough for a test."""

import functools
import hashlib

# Ed25519: points are (x, y, z, t) with x = X/Z, y = Y/Z, t = XY/Z.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def _ed_add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _ed_multiply(k, p):
    total = (0, 1, 1, 0)
    while k > 0:
        if k & 1:
            total = _ed_add(total, p)
        p = _ed_add(p, p)
        k >>= 1
    return total


def _ed_decode(data):
    y = int.from_bytes(data, 'little')
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


_ED_BASE = _ed_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, 'little'))


@functools.lru_cache(maxsize=None)
def verify_ed25519(public_key, message, signature):
    """True when `signature` (64 bytes) over `message` is by `public_key` (32 bytes)."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    a, r = _ed_decode(public_key), _ed_decode(signature[:32])
    s = int.from_bytes(signature[32:], 'little')
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), 'little') % L
    left, right = _ed_multiply(s, _ED_BASE), _ed_add(r, _ed_multiply(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# P-256: points are (x, y), None is the point at infinity.
Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def _p256_add(p, q):
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % Q == 0:
            return None
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, Q) % Q
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, Q) % Q
    x = (slope * slope - p[0] - q[0]) % Q
    return (x, (slope * (p[0] - x) - p[1]) % Q)


def _p256_multiply(k, p):
    total = None
    while k > 0:
        if k & 1:
            total = _p256_add(total, p)
        p = _p256_add(p, p)
        k >>= 1
    return total


def _read_der(data):
    """(r, s) of an ASN.1 DER ECDSA-Sig-Value, None when it is not exactly one."""

    def take_integer(at):
        if len(data) < at + 2 or data[at] != 0x02 or not 1 <= data[at + 1] <= 33:
            raise ValueError
        body = data[at + 2 : at + 2 + data[at + 1]]
        if len(body) != data[at + 1] or body[0] & 0x80 or (len(body) > 1 and body[0] == 0 and not body[1] & 0x80):
            raise ValueError
        return int.from_bytes(body, 'big'), at + 2 + len(body)

    try:
        if len(data) < 2 or data[0] != 0x30 or data[1] != len(data) - 2 or data[1] > 127:
            return None
        r, at = take_integer(2)
        s, at = take_integer(at)
        return (r, s) if at == len(data) else None
    except ValueError:
        return None


@functools.lru_cache(maxsize=None)
def verify_es256(x_bytes, y_bytes, message, signature):
    """True when `signature` (DER) over `message` is by the P-256 key with these coordinates (32 bytes each)."""
    pair = _read_der(signature)
    x, y = int.from_bytes(x_bytes, 'big'), int.from_bytes(y_bytes, 'big')
    if pair is None or x >= Q or y >= Q or (y * y - x**3 + 3 * x - B) % Q != 0:
        return False
    r, s = pair
    if not (0 < r < N and 0 < s < N):
        return False
    z, w = int.from_bytes(hashlib.sha256(message).digest(), 'big'), pow(s, -1, N)
    point = _p256_add(_p256_multiply(z * w % N, G), _p256_multiply(r * w % N, (x, y)))
    return point is not None and point[0] % N == r
