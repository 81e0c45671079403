//! A model server in Python that tells what it was given.

use serde_json::{Value, json};
use tests::server::Server;

const PROGRAM: &str = r#"
import http.server, json, os, sys, time
busy = False
told = json.loads(os.environ["CHANGEOVER_USER_CONFIG"])
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(200, {"ready": True})
    def do_POST(self):
        global told, busy
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/new":
            if "refuse" in body:
                self.send_response(400)
                self.send_header("content-length", str(len(body["refuse"])))
                self.end_headers()
                self.wfile.write(body["refuse"].encode())
                return
            # While it is busy with a new value it refuses requests.
            busy = True
            time.sleep(body.get("slow", 0))
            busy = False
            told = body
        elif busy:
            return self.answer(503, {"problem": "busy with a new user_config"})
        if "take_mb" in body:
            taken = bytearray(body["take_mb"] * 1000000)
        self.answer(200, {"flower": "setosa", "told": told, "env": dict(os.environ), "folder": os.getcwd(), "said": eval(body.get("say", "None"))})
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

/// The command of a deployment that runs it.
pub(crate) fn program(python: &str) -> Value {
    json!([python, "-c", PROGRAM, "{port}"])
}

/// The program's own word: the `user_config` that it was last `told`, its `env`, the `folder` that it runs in.
pub(crate) async fn ask(server: &Server, deployment: &str) -> anyhow::Result<Value> {
    say(server, deployment, "None").await
}

/// The same, and under `said` the value of a Python expression.
pub(crate) async fn say(server: &Server, deployment: &str, expression: &str) -> anyhow::Result<Value> {
    let (_, answer) = server.infer(deployment, "/x", &json!({"say": expression})).await?;
    anyhow::ensure!(answer.status == 200, "{answer:?}");
    Ok(answer.body)
}
