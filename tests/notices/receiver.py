"""A receiver of webhooks that checks signatures by the library of the standard: receiver.py PORT FOLDER.

It writes a line of JSON for each request to FOLDER/got, and reads the secrets that it takes from FOLDER/secrets.
"""

import http.server
import json
import pathlib
import sys

from standardwebhooks import Webhook

port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        verified = []
        for secret in (folder / "secrets").read_text().split():
            try:
                Webhook(secret).verify(body, dict(self.headers))
                verified.append(secret)
            except Exception as error:
                print(error, file=sys.stderr)
        with open(folder / "got", "a") as got:
            message = {"id": self.headers["webhook-id"], "verified": verified, "body": json.loads(body)}
            got.write(json.dumps(message) + "\n")
        self.send_response(204 if verified else 401)
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
print("ready", flush=True)
server.serve_forever()
