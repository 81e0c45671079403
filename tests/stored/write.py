#!/usr/bin/env python3
"""Writes a data directory with a rollout of every kind in it: write.py PROGRAM NEW_FOLDER [ARCHIVE].

PROGRAM is a `changeover` with `CHANGEOVER_ONNXRUNTIME` in its environment. With ARCHIVE, all but
the newest 2,000 entries, which change one setting to and fro, go to that file. README.md says what becomes of the folder.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

PROGRAM, DATA = sys.argv[1], os.path.abspath(sys.argv[2])
MODELS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "models")

# A model server whose doings are said by the variable HOW, and by a file of the data directory.
SERVER = """
import http.server, os, sys, time
how = os.environ.get("HOW", "well")
if how == "cannot":
    print("the weights do not fit the program", file=sys.stderr)
    sys.exit(78)
if how == "breaks" or os.path.exists("../../broken"):
    sys.exit("it breaks at its start")
if how == "never":
    time.sleep(3600)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(float(os.environ.get("SECONDS", "0")) * (self.command == "POST"))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    do_POST = do_GET
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
FLOWER = {"inputs": [{"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]}]}
HASTY = {"max_surge": 0, "max_unavailable": 1, "progress_deadline_seconds": 1}
CAREFUL = {"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 1}
PATIENT = {"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 600}


def free():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % taken.getsockname()[1]


LISTEN, GATEWAY = free(), free()
MOVABLE = {"pause": ["rolling"], "resume": ["paused"], "cancel": ["rolling", "paused"]}
server = None


def start():
    global server
    words = [PROGRAM, "serve", "--data", DATA, "--listen", LISTEN, "--gateway", GATEWAY]
    server = subprocess.Popen(words, env=dict(os.environ, USER="ada", LOGNAME="ada"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: reach("http://%s/readyz" % LISTEN) is not None)


def stop(with_what):
    server.send_signal(with_what)
    server.wait()


def reach(url, method="GET", body=None, headers=()):
    """What is answered; none where nothing is. A refusal ends the program."""
    sent = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(sent, timeout=60) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as refused:
        raise SystemExit("%s %s: %s" % (method, url, refused.read().decode()))
    except (urllib.error.URLError, ConnectionError):
        return None


def ask(method, path, body=None):
    token = open(os.path.join(DATA, "token")).read().strip()
    headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    return reach("http://%s/api/v1%s" % (LISTEN, path), method, None if body is None else json.dumps(body).encode(), headers)


def until(look):
    end = time.monotonic() + 90
    while not look():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)


def register(name, file):
    line = [PROGRAM, "--data", DATA, "model", "register", name, os.path.join(MODELS, file)]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)


def shown(name):
    return ask("GET", "/deployments/" + name)


def command(how="well", **more):
    given = {"runtime": "command", "command": ["python3", "-c", SERVER, "{port}"], "sample_request": "none", "env": {"HOW": how}}
    return {**given, "scoring_timeout_ms": 5000, **more}


def deploy(name, configuration, over=True, **more):
    ask("POST", "/deployments", {"name": name, "configuration": configuration, **more})
    if over:
        ends(name, "completed")


def ends(name, phase):
    """Waits until its newest rollout has ended, in this phase."""
    until(lambda: shown(name)["rollout"] is None)
    newest = ask("GET", "/deployments/%s/rollouts?limit=1" % name)["items"][0]
    assert newest["phase"] == phase, newest


def update(name, phase, set, **more):
    ask("POST", "/deployments/%s/rollouts" % name, {"set": set, "accept_warnings": True, **more})
    if phase:
        ends(name, phase)


def move(name, word):
    number = newest(name, *MOVABLE[word])
    ask("POST", "/deployments/%s/rollouts/%d/%s" % (name, number, word), {})


def newest(name, *phases):
    """The number of its newest rollout, once it is in one of these phases."""
    item = lambda: ask("GET", "/deployments/%s/rollouts?limit=1" % name)["items"][0]
    until(lambda: item()["phase"] in phases)
    return item()["number"]


def infer(name, path="/v2/models/iris/infer"):
    reach("http://%s/%s%s" % (GATEWAY, name, path), "POST", json.dumps(FLOWER).encode(), {"Content-Type": "application/json"})


def built_in():
    """The built-in runtime: updates, what a person does to a deployment and its revisions, checks, settings."""
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v1.onnx"]:
        register("iris", file)
    ask("DELETE", "/models/iris/versions/3")
    deploy("iris", {"models": ["iris@1"], "replicas": 2}, importance="high", description="which species", tags={"team": "flora"})
    infer("iris")
    update("iris", "completed", {"models": ["iris@2"]}, reason="accuracy", note="trained again")
    infer("iris")
    ask("POST", "/deployments/iris/rollback", {"reason": "errors"})
    ends("iris", "completed")
    update("iris", "completed", {"user_config": {"labels": ["a", "b", "c"]}})
    ask("POST", "/deployments/iris/relaunch", {"note": "as new"})
    ends("iris", "completed")
    ask("POST", "/deployments/iris/revisions/2/quarantine", {"note": "it mistakes one species"})
    update("iris", "completed", {"models": ["iris@2"], "user_config": {}, "replicas": 1}, quarantine_override="on trial")
    ask("DELETE", "/deployments/iris/revisions/2/quarantine", {"note": "it does not"})
    ask("DELETE", "/deployments/iris/revisions/1")
    ask("PATCH", "/deployments/iris", {
        "importance": "low", "on_failure": "stop", "strategy": {"min_ready_seconds": 0, "start_failures": 2},
        "properties": {"cost_centre": "12"}, "checks": {"not_verified_warns": True, "segment_attributes": ["region"]},
    })
    check = ask("POST", "/deployments/iris/checks", {"set": {"models": ["iris@1"]}})["id"]
    until(lambda: ask("GET", "/deployments/iris/checks/" + check)["ended_at"] is not None)
    ask("GET", "/deployments/iris/keys")
    ask("POST", "/deployments/iris/keys/primary/regenerate", {})
    ask("POST", "/deployments/iris/tokens", {"ttl": "1h"})
    ask("DELETE", "/deployments/iris/tokens")
    ask("POST", "/deployments/iris/deactivate", {"note": "for the winter"})
    until(lambda: shown("iris")["status"] == "stopped")
    ask("POST", "/deployments/iris/activate", {})
    ends("iris", "completed")


def failures():
    """Each way in which an update fails, and what a person does meanwhile."""
    deploy("fails", command(replicas=2))
    update("fails", "reverted", command("cannot"), strategy=PATIENT)
    update("fails", "reverted", command("never"), strategy=CAREFUL)
    update("fails", "reverted", command("breaks"), strategy={**PATIENT, "start_failures": 1})
    update("fails", "reverted", command("never", version="3"), strategy={**PATIENT, "total_deadline_seconds": 1})
    update("fails", None, command("never", version="4"), strategy=PATIENT)
    move("fails", "pause")
    infer("fails")
    move("fails", "resume")
    move("fails", "cancel")
    ends("fails", "cancelled")
    update("fails", None, command("never", version="5"), strategy=PATIENT)
    before = newest("fails", "rolling")
    update("fails", "completed", command(version="6", routes={"reconfigure": "/new"}), on_top_of=before)
    update("fails", "completed", {"user_config": {"threshold": 0.5}})
    update("fails", "failed", command("never", version="7"), on_failure="stop", strategy=HASTY)

    deploy("lost", command(replicas=1))
    update("lost", None, command("never"), strategy=HASTY)
    until(lambda: any(replica["revision"] == 2 for replica in ask("GET", "/deployments/lost?include=replicas")["replica_list"]))
    open(os.path.join(DATA, "broken"), "w").close()
    ends("lost", "revert_failed")
    os.remove(os.path.join(DATA, "broken"))
    until(lambda: shown("lost")["replicas"]["ready"] == 1)

    deploy("dies", command(replicas=1), on_failure="dead")
    update("dies", "failed", command("never"), strategy=HASTY)
    deploy("never", command("never"), over=False)
    move("never", "cancel")
    newest("never", "cancelled")
    deploy("unable", command("cannot"), over=False)
    until(lambda: shown("unable")["rollout"] is None)


def others():
    """Autoscaling, deletion, and a server that is killed while a rollout is in progress."""
    automatic = {"min_replicas": 1, "max_replicas": 2, "up_delay_seconds": 0, "down_delay_seconds": 1}
    deploy("scales", command(env={"SECONDS": "2"}, autoscaling=automatic, max_queue_ms=5000))
    callers = [threading.Thread(target=infer, args=("scales",)) for _ in range(3)]
    [caller.start() for caller in callers]
    until(lambda: shown("scales")["replicas"]["ready"] == 2)
    [caller.join() for caller in callers]
    until(lambda: shown("scales")["replicas"]["ready"] == 1)

    deploy("gone", {"models": ["iris@1"]})
    ask("DELETE", "/deployments/gone")
    until(lambda: "gone" not in [each["name"] for each in ask("GET", "/deployments")["items"]])

    deploy("killed", command(replicas=1))
    update("killed", None, command("never"), strategy=PATIENT)
    newest("killed", "rolling")
    stop(signal.SIGKILL)
    start()
    move("killed", "cancel")
    ends("killed", "cancelled")


def archive(file):
    """Fills the history until the oldest entries can go, and moves those to the file."""
    for number in range(2000):
        ask("PATCH", "/deployments/iris", {"importance": ["high", "low"][number % 2]})
    subprocess.run([PROGRAM, "--data", DATA, "archive", file, "--keep", "2000"], check=True, stdout=subprocess.DEVNULL)


try:
    start()
    deploy("brief", command(replicas=1), ttl="1m")
    built_in()
    failures()
    others()
    until(lambda: "brief" not in [each["name"] for each in ask("GET", "/deployments")["items"]])
    if len(sys.argv) > 3:
        archive(sys.argv[3])
finally:
    stop(signal.SIGTERM)
