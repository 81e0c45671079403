"""Serves one LightGBM or XGBoost file over the Open Inference Protocol (JSON, no binary tensors).

Inputs: one tensor for each feature, of shape [n] or [n, 1], under the feature's name and in any order; or a single
tensor [n, features] in the order of the file. Columns that the model does not know are left aside. Categorical
features take the number of the category, as the model was trained with; texts are refused. An element that is null is
missing, which both libraries understand.

Output: "probabilities" [n, classes] of a multiclass objective, else "prediction" [n]; always FP32.
"""

import argparse
import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy

NUMBERS = {
    "BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FP16", "FP32", "FP64",
}
# Longest piece of bad input, and of a library's words, that an error repeats.
ECHO = 80
WORDS = 500


class Refused(Exception):
    """A request that is not answered with a result, and why."""

    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status


def refuse(sentence, status=400):
    raise Refused(status, sentence)


def quoted(name):
    return json.dumps(str(name)[:ECHO])


def words(error):
    """What a library says, on one line and without the places in its own sources."""
    said = " ".join(str(error).split(" Stack trace:")[0].split("\nStack trace:")[0].split())
    return said[:WORDS]


class LightGBM:
    """A file in LightGBM's own text."""

    platform = "lightgbm"

    def __init__(self, path, threads):
        import lightgbm

        # Parsing says all it has to say through exceptions.
        lightgbm.register_logger(Silent())
        self.booster = lightgbm.Booster(model_file=path)
        self.threads = threads
        self.width = self.booster.num_feature()
        names = self.booster.feature_name()
        made_up = [f"Column_{number}" for number in range(self.width)]
        self.features = None if names == made_up else names
        self.classes = self.booster.num_model_per_iteration()
        # Several numbers for each row are probabilities only where the objective makes them so.
        self.output = "probabilities" if self.classes > 1 and objective(path) in MULTICLASS else "prediction"

    def predict(self, rows):
        return self.booster.predict(rows, num_threads=self.threads)


MULTICLASS = {"multiclass", "softmax", "multiclassova", "multiclass_ova", "ova", "ovr"}


def objective(path):
    """The first word of what the file says that it was trained for."""
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("objective="):
                return (line[len("objective=") :].split() or [""])[0]
            if line.startswith("Tree="):
                break
    return ""


class Silent:
    """A logger for what LightGBM says while it loads."""

    def info(self, _):
        pass

    def warning(self, _):
        pass


class XGBoost:
    """A file in XGBoost's JSON or UBJSON."""

    platform = "xgboost"

    def __init__(self, path, threads):
        import xgboost

        with open(path, "rb") as file:
            # XGBoost goes by the name of a file, and this one is called after its digest.
            content = bytearray(file.read())
        self.xgboost = xgboost
        self.booster = xgboost.Booster(model_file=content)
        self.booster.set_param({"nthread": threads})
        self.threads = threads
        self.width = self.booster.num_features()
        self.features = self.booster.feature_names
        self.types = self.booster.feature_types
        model = json.loads(self.booster.save_config())["learner"]
        self.classes = int(model["learner_model_param"].get("num_class", "0"))
        objective = model["objective"]["name"]
        self.output = "probabilities" if self.classes > 1 and objective == "multi:softprob" else "prediction"

    def predict(self, rows):
        matrix = self.xgboost.DMatrix(
            rows,
            feature_names=self.features,
            feature_types=self.types,
            enable_categorical=True,
            nthread=self.threads,
        )
        return self.booster.predict(matrix)


def numbers(element, flat):
    """Adds the numbers of nested lists to `flat`."""
    for value in element:
        if isinstance(value, list):
            numbers(value, flat)
        elif value is None:
            flat.append(float("nan"))
        elif isinstance(value, (bool, int, float)):
            flat.append(value)
        else:
            refuse(f"the data holds {quoted(value)}, which is no number; send a category as its number")


def tensor(given):
    """Name, shape and numbers of one input."""
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        refuse("each input is an object with name, shape, datatype and data")
    name = given["name"]
    if "binary_data_size" in (given.get("parameters") or {}):
        refuse(f"input {quoted(name)}: binary tensors are not taken here; send data as JSON")
    datatype = given.get("datatype")
    if datatype not in NUMBERS:
        refuse(f"input {quoted(name)} has the datatype {quoted(datatype)}; a tree model takes numbers, for example FP32")
    shape = given.get("shape")
    whole = lambda length: isinstance(length, int) and not isinstance(length, bool) and length >= 0
    if not isinstance(shape, list) or not shape or len(shape) > 2 or not all(map(whole, shape)):
        refuse(f"input {quoted(name)}: its shape is one or two whole numbers, [rows] or [rows, columns]")
    if not isinstance(given.get("data"), list):
        refuse(f"input {quoted(name)} has no list in data")
    flat = []
    numbers(given["data"], flat)
    count = 1
    for length in shape:
        count *= length
    if count != len(flat):
        refuse(f"input {quoted(name)}: its shape {shape} means {count} elements, and data holds {len(flat)}")
    try:
        return name, shape, numpy.array(flat, dtype=numpy.float64)
    except OverflowError:
        refuse(f"input {quoted(name)} holds a number that is too large")


def matrix(model, inputs):
    """The rows that a request sends, a column for each feature in the model's order."""
    if not isinstance(inputs, list) or not inputs:
        refuse("a request is {\"inputs\": [{\"name\", \"shape\", \"datatype\", \"data\"}]}")
    known = set(model.features or ())
    if len(inputs) == 1:
        name, shape, data = tensor(inputs[0])
        if name not in known:
            if len(shape) != 2 or shape[1] != model.width:
                refuse(f"input {quoted(name)} has the shape {shape}; the model takes [rows, {model.width}]")
            return data.reshape(shape)
    if model.features is None:
        refuse(f"the model names no features; send one tensor \"data\" of shape [rows, {model.width}]")
    columns = {}
    for given in inputs:
        name, shape, data = tensor(given)
        if name not in known:
            continue
        if name in columns:
            refuse(f"input {quoted(name)} is there twice")
        if len(shape) == 2 and shape[1] != 1:
            refuse(f"input {quoted(name)} has the shape {shape}; a column has [rows] or [rows, 1]")
        columns[name] = data
    missing = [name for name in model.features if name not in columns]
    if missing:
        refuse(f"these features are missing: {', '.join(map(quoted, missing[:20]))}")
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        refuse("the inputs have different numbers of rows")
    return numpy.column_stack([columns[name] for name in model.features])


def infer(model, name, version, request):
    """The answer to one request."""
    if not isinstance(request, dict):
        refuse("a request is a JSON object")
    wanted = request.get("outputs")
    if wanted is not None:
        named = [output.get("name") for output in wanted if isinstance(output, dict)] if isinstance(wanted, list) else [None]
        unknown = [output for output in named if output != model.output]
        if unknown:
            refuse(f"there is no output {quoted(unknown[0])}; the model has \"{model.output}\"")
    rows = matrix(model, request.get("inputs"))
    if len(rows) == 0:
        result = numpy.empty((0, *model.answered))
    else:
        result = numpy.asarray(model.predict(rows))
    result = result.astype(numpy.float32)
    # An element that is not a finite number is null: JSON has no other word for it.
    data = [value if numpy.isfinite(value) else None for value in result.ravel().tolist()]
    output = {"name": model.output, "datatype": "FP32", "shape": list(result.shape), "data": data}
    answer = {"model_name": name, "model_version": version, "outputs": [output]}
    if isinstance(request.get("id"), str):
        answer["id"] = request["id"]
    return answer


def metadata(model, name, version):
    """What the protocol says of a model."""
    column = lambda feature: {"name": feature, "datatype": "FP32", "shape": [-1, 1]}
    whole = [{"name": "data", "datatype": "FP32", "shape": [-1, model.width]}]
    shape = [-1, *model.answered]
    return {
        "name": name,
        "versions": [version],
        "platform": model.platform,
        "inputs": list(map(column, model.features)) if model.features else whole,
        "outputs": [{"name": model.output, "datatype": "FP32", "shape": shape}],
    }


class Exchange(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    server_version = "changeover-trees"
    sys_version = ""
    # Idle connections do not keep threads for ever; a header and its body leave in one piece.
    timeout = 600
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    model = name = version = largest = None

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value, allow_nan=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        """The request's body, which is read also when it is of no use, so that the next request begins after it."""
        if self.headers.get("Transfer-Encoding", "identity").lower() != "identity":
            return self.chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit():
            self.too_much("Content-Length is no number", 400)
        if int(length) > self.largest:
            self.too_much(f"the request body is larger than {self.largest} bytes, the limit of this deployment", 413)
        return self.whole(int(length))

    def chunks(self):
        """A body of chunks, as the gateway sends one whose length it does not know."""
        parts, size = [], 0
        while True:
            line = self.rfile.readline(1024).split(b";")[0].strip()
            try:
                length = int(line, 16)
            except ValueError:
                self.too_much("a chunk of the body has no length", 400)
            size += max(length, 0)
            if length < 0 or size > self.largest:
                self.too_much(f"the request body is larger than {self.largest} bytes, the limit of this deployment", 413)
            if length == 0:
                while self.rfile.readline(65536).strip():
                    pass
                return b"".join(parts)
            parts.append(self.whole(length))
            self.rfile.readline(1024)

    def whole(self, length):
        body = self.rfile.read(length)
        if len(body) < length:
            self.too_much("the body broke off", 400)
        return body

    def too_much(self, sentence, status):
        # What follows on this connection cannot be told from a request.
        self.close_connection = True
        refuse(sentence, status)

    def exchange(self, work):
        try:
            self.answer(200, work())
        except Refused as refused:
            self.answer(refused.status, {"error": str(refused)})
        except Exception as error:  # The library's own words; the next request may be better.
            self.answer(500, {"error": f"the model failed: {words(error)}"})

    def do_GET(self):
        self.exchange(self.look)

    def do_POST(self):
        self.exchange(self.ask)

    def route(self):
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[:2] != ["v2", "models"] or len(parts) < 3:
            return None, parts
        if parts[2] != self.name:
            refuse(f"there is no model {quoted(parts[2])} here, only {quoted(self.name)}", 404)
        rest = parts[3:]
        if rest[:1] == ["versions"]:
            if rest[1:2] != [self.version]:
                refuse(f"there is only version {self.version} of {quoted(self.name)} here", 404)
            rest = rest[2:]
        return rest, parts

    def look(self):
        self.body()
        rest, parts = self.route()
        if parts == ["v2"]:
            return {"name": "changeover", "version": "1", "extensions": []}
        if parts == ["v2", "health", "live"]:
            return {"live": True}
        if parts == ["v2", "health", "ready"] or rest == ["ready"]:
            return {"ready": True}
        if rest == []:
            return metadata(self.model, self.name, self.version)
        refuse("there is no such route here", 405 if rest == ["infer"] else 404)

    def ask(self):
        body = self.body()
        rest, _ = self.route()
        if rest != ["infer"]:
            refuse("there is no such route here", 404)
        if self.headers.get("Inference-Header-Content-Length"):
            refuse("binary tensors are not taken here; send the data as JSON")
        try:
            request = json.loads(body)
        except (ValueError, RecursionError) as error:
            refuse(f"the body is not JSON: {error}")
        return infer(self.model, self.name, self.version, request)


class Listener(ThreadingHTTPServer):
    """Answers each connection in a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that goes away is no event."""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", choices=["lightgbm", "xgboost"], required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-body-bytes", type=int, default=64 << 20)
    given = parser.parse_args()
    name, _, version = os.environ.get("CHANGEOVER_MODEL_NAME", "model@1").partition("@")
    try:
        Exchange.model = {"lightgbm": LightGBM, "xgboost": XGBoost}[given.library](given.model, given.threads)
    except Exception as error:
        raise SystemExit(f"the model cannot be loaded: {words(error)}")
    Exchange.name, Exchange.version, Exchange.largest = name, version, given.max_body_bytes
    # Builds what is built on first use, and shows early what the library will not do; also how wide an answer is.
    Exchange.model.answered = numpy.shape(Exchange.model.predict(numpy.zeros((1, Exchange.model.width))))[1:]
    listener = Listener(("127.0.0.1", given.port), Exchange)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=listener.shutdown).start())
    listener.serve_forever(poll_interval=0.1)


main()
