"""verify.py PRINT_WEBHOOK: messages of ours, signed with one key and with two, before the library of Standard Webhooks.

The program gets the keys as they stand in a secret file and the time, and prints a head and a body. The library has to take
each of them, and to refuse the same with a byte of the body changed, another id, another key and an hour of delay.
"""

import base64
import secrets
import subprocess
import sys
import time

from standardwebhooks import Webhook, WebhookVerificationError


def key(size):
    return "whsec_" + base64.b64encode(secrets.token_bytes(size)).decode()


def message(program, keys, now):
    printed = subprocess.run([program, str(now), *keys], check=True, capture_output=True).stdout
    head, body = printed.split(b"\n\n", 1)
    return dict(line.split(": ", 1) for line in head.decode().splitlines()), body


def is_refused(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return True
    return False


def main():
    program, now = sys.argv[1], int(time.time())
    verified = 0
    for keys in ([key(24)], [key(32)], [key(64)], [key(24), key(33)]):
        headers, body = message(program, keys, now)
        for secret in keys:
            event = Webhook(secret).verify(body, headers)
            assert event["type"] == "done" and event["job"]["name"] == "ärticles", event
            verified += 1
        assert is_refused(keys[0], body.replace(b"done", b"gone"), headers)
        assert is_refused(keys[0], body, headers | {"webhook-id": "msg_other"})
        assert is_refused(key(24), body, headers)
    old, body = message(program, [keys[0]], now - 3600)
    assert is_refused(keys[0], body, old)
    print(f"{verified} messages verified")


if __name__ == "__main__":
    main()
