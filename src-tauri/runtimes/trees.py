"""Predictions of a LightGBM or XGBoost file for rows of numbers.

It is started by a replica, which speaks HTTP, reads requests and knows what the columns mean. Its standard input is a
socket to that replica; everything on it is little-endian:

- First it says how many columns a row has, and how long an answer is for one row: a count of dimensions, and each of
  them; all as 64-bit whole numbers.
- A question is the number of rows (64 bits), and the rows as 64-bit floats in the order of the file; NaN is missing.
- An answer is one byte, the number of bytes that follow (64 bits), and these: after 1, 32-bit floats; after 0, a
  sentence that says why there are none.

It ends when the replica does.
"""

import argparse
import json
import re
import signal
import socket
import struct

import numpy

# Longest sentence, in characters.
WORDS = 500


def words(error):
    """What a library says, on one line and without the places in its own sources."""
    said = " ".join(str(error).split("Stack trace:")[0].split())
    return re.sub(r"^\[[^]]*\] \S+:\d+: ", "", said)[:WORDS]


class LightGBM:
    """A file in LightGBM's own text. It holds the rounds that its trainer saved, all of which are used."""

    def __init__(self, path, threads, _):
        import lightgbm

        # Parsing says all it has to say through exceptions.
        lightgbm.register_logger(Silent())
        self.booster = lightgbm.Booster(model_file=path)
        self.threads = threads
        self.width = self.booster.num_feature()

    def predict(self, rows):
        return self.booster.predict(rows, num_threads=self.threads)


class Silent:
    """A logger for what LightGBM says while it loads."""

    def info(self, _):
        pass

    def warning(self, _):
        pass


class XGBoost:
    """A file in XGBoost's JSON or UBJSON, of which the first `rounds` are used; 0 for all."""

    def __init__(self, path, threads, rounds):
        import xgboost

        with open(path, "rb") as file:
            # XGBoost goes by the name of a file, and this one is called after its digest.
            content = bytearray(file.read())
        self.xgboost = xgboost
        self.booster = xgboost.Booster(model_file=content)
        self.booster.set_param({"nthread": threads})
        self.threads = threads
        self.width = self.booster.num_features()
        kind = json.loads(self.booster.save_config())["learner"]["gradient_booster"]["name"]
        # A linear booster has no rounds to choose from.
        there = 0 if kind == "gblinear" else self.booster.num_boosted_rounds()
        self.rounds = (0, min(rounds, there))

    def predict(self, rows):
        matrix = self.xgboost.DMatrix(
            rows,
            feature_names=self.booster.feature_names,
            feature_types=self.booster.feature_types,
            enable_categorical=True,
            nthread=self.threads,
        )
        return self.booster.predict(matrix, iteration_range=self.rounds)


def whole(stream, count):
    """The next bytes; none when the replica has gone."""
    data = stream.read(count)
    return data if len(data) == count else None


def answer(model, stream):
    """Answers one question. False when there are no more."""
    head = whole(stream, 8)
    if head is None:
        return False
    (rows,) = struct.unpack("<Q", head)
    data = whole(stream, rows * model.width * 8)
    if data is None:
        return False
    try:
        result = model.predict(numpy.frombuffer(data, dtype="<f8").reshape(rows, model.width))
        good, said = 1, numpy.ascontiguousarray(result, dtype="<f4").tobytes()
    except Exception as error:  # The next question may be better.
        good, said = 0, words(error).encode()
    stream.write(struct.pack("<BQ", good, len(said)) + said)
    stream.flush()
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", choices=["lightgbm", "xgboost"], required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=0)
    given = parser.parse_args()
    # The replica ends it when the last request is answered.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        model = {"lightgbm": LightGBM, "xgboost": XGBoost}[given.library](given.model, given.threads, given.rounds)
        # Builds what is built on first use, and shows early what the library will not do; also how long an answer is.
        length = numpy.shape(model.predict(numpy.zeros((1, model.width))))[1:]
    except Exception as error:
        raise SystemExit(f"the model cannot be loaded: {words(error)}")
    stream = socket.socket(fileno=0).makefile("rwb")
    stream.write(struct.pack(f"<{len(length) + 2}Q", model.width, len(length), *length))
    stream.flush()
    while answer(model, stream):
        pass


main()
