#!/usr/bin/env python3
"""Makes the hand-built models of this folder again: generate.py (needs onnx==1.18.0).

They hold no trained weights; each exists for one property of the format that a test needs.
"""
import os

import onnx
from onnx import TensorProto as T
from onnx import helper as h

HERE = os.path.dirname(os.path.abspath(__file__))


def value(name, element, shape):
    return h.make_tensor_value_info(name, element, shape)


def save(name, nodes, inputs, outputs, initializers=(), opset=17, ml=False):
    sets = [h.make_opsetid("", opset)] + ([h.make_opsetid("ai.onnx.ml", 3)] if ml else [])
    graph = h.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = h.make_model(graph, opset_imports=sets, ir_version=8, producer_name="changeover tests", producer_version="1")
    with open(os.path.join(HERE, name + ".onnx"), "wb") as file:
        file.write(model.SerializeToString())


# Every datatype in and out, unchanged.
types = {
    "bool": T.BOOL, "uint8": T.UINT8, "uint16": T.UINT16, "uint32": T.UINT32, "uint64": T.UINT64, "int8": T.INT8,
    "int16": T.INT16, "int32": T.INT32, "int64": T.INT64, "fp16": T.FLOAT16, "bf16": T.BFLOAT16, "fp32": T.FLOAT,
    "fp64": T.DOUBLE, "text": T.STRING,
}
save(
    "every-datatype",
    [h.make_node("Identity", [name], [name + "_out"]) for name in types],
    [value(name, element, ["n", 2]) for name, element in types.items()],
    [value(name + "_out", element, ["n", 2]) for name, element in types.items()],
)

# Text in; label and a sequence of maps from class name to score out.
save(
    "fruit-text-zipmap",
    [
        h.make_node("LabelEncoder", ["colour"], ["number"], domain="ai.onnx.ml",
                    keys_strings=["red", "yellow"], values_floats=[0.0, 1.0], default_float=0.5),
        h.make_node("LinearClassifier", ["number"], ["label", "scores"], domain="ai.onnx.ml",
                    coefficients=[-4.0, 4.0], intercepts=[2.0, -2.0], classlabels_strings=["apple", "banana"],
                    post_transform="SOFTMAX"),
        h.make_node("ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml",
                    classlabels_strings=["apple", "banana"]),
    ],
    [value("colour", T.STRING, [None, 1])],
    [
        value("label", T.STRING, [None]),
        h.make_value_info("probabilities", h.make_sequence_type_proto(
            h.make_map_type_proto(T.STRING, h.make_tensor_type_proto(T.FLOAT, None)))),
    ],
    ml=True,
)

# The same with numbers for labels.
save(
    "sign-number-zipmap",
    [
        h.make_node("LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml",
                    coefficients=[-1.0, 1.0], intercepts=[0.0, 0.0], classlabels_ints=[-1, 1],
                    post_transform="SOFTMAX"),
        h.make_node("ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml", classlabels_int64s=[-1, 1]),
    ],
    [value("x", T.FLOAT, [None, 1])],
    [
        value("label", T.INT64, [None]),
        h.make_value_info("probabilities", h.make_sequence_type_proto(
            h.make_map_type_proto(T.INT64, h.make_tensor_type_proto(T.FLOAT, None)))),
    ],
    ml=True,
)

# Runs for as many rounds as the input says.
body = h.make_graph(
    [h.make_node("Identity", ["go_on"], ["go_on_out"]), h.make_node("Add", ["sum", "one"], ["sum_out"])],
    "body",
    [value("round", T.INT64, []), value("go_on", T.BOOL, []), value("sum", T.FLOAT, [1])],
    [value("go_on_out", T.BOOL, []), value("sum_out", T.FLOAT, [1])],
)
save(
    "loop",
    [h.make_node("Loop", ["rounds", "yes", "start"], ["sum_of_rounds"], body=body)],
    [value("rounds", T.INT64, [])],
    [value("sum_of_rounds", T.FLOAT, [1])],
    [
        h.make_tensor("yes", T.BOOL, [], [True]),
        h.make_tensor("start", T.FLOAT, [1], [0.0]),
        h.make_tensor("one", T.FLOAT, [1], [1.0]),
    ],
)

# Weights in another file.
weights = h.make_tensor("weights", T.FLOAT, [4], [0.0] * 4)
weights.ClearField("float_data")
weights.data_location = T.EXTERNAL
for key, text in {"location": "weights.bin", "offset": "0", "length": "16"}.items():
    weights.external_data.add(key=key, value=text)
save(
    "weights-elsewhere",
    [h.make_node("Add", ["x", "weights"], ["y"])],
    [value("x", T.FLOAT, [4])],
    [value("y", T.FLOAT, [4])],
    [weights],
)

# Says neither how long nor how many the dimensions of anything are.
save(
    "no-shapes",
    [h.make_node("Neg", ["x"], ["y"])],
    [value("x", T.FLOAT, None)],
    [value("y", T.FLOAT, None)],
)

# Holds together, and yet no runtime can load it: what its only node makes is of another type than it says.
save(
    "types-do-not-fit",
    [h.make_node("Neg", ["x"], ["y"])],
    [value("x", T.FLOAT, [None, 2])],
    [value("y", T.INT64, [None, 2])],
)
