"""Makes small-network.h5: a network of Keras 2 as its save() writes it, with weights by a formula (python3, h5py, numpy)."""

import json

import h5py
import numpy as np

counter = 0


def weight(*shape):
    """Numbers that no two places share."""
    global counter
    size = int(np.prod(shape))
    values = np.sin(np.arange(counter, counter + size) + 1.0) * 0.5
    counter += size
    return values.reshape(shape).astype("float32")


def layer(class_name, name, config, *inputs):
    nodes = [[[each, 0, 0, {}] for each in inputs]] if inputs else []
    full = {"name": name, "trainable": True, "dtype": "float32", **config}
    return {"class_name": class_name, "name": name, "config": full, "inbound_nodes": nodes}


INITIALIZERS = {
    "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
    "bias_initializer": {"class_name": "Zeros", "config": {}},
    "kernel_regularizer": None,
    "bias_regularizer": None,
    "activity_regularizer": None,
    "kernel_constraint": None,
    "bias_constraint": None,
}


def convolution(name, filters, strides, source):
    config = {
        "filters": filters,
        "kernel_size": [3, 3],
        "strides": [strides, strides],
        "padding": "same",
        "data_format": "channels_last",
        "dilation_rate": [1, 1],
        "activation": "relu",
        "use_bias": True,
        **INITIALIZERS,
    }
    return layer("Conv2D", name, config, source)


layers = [
    layer("InputLayer", "pictures", {"batch_input_shape": [None, 8, 8, 1], "sparse": False}),
    convolution("stem", 4, 1, "pictures"),
    convolution("half", 6, 2, "stem"),
    convolution("side", 6, 1, "half"),
    layer("Add", "sum", {}, "half", "side"),
    convolution("last", 5, 1, "sum"),
    layer("GlobalAveragePooling2D", "pool", {"data_format": "channels_last"}, "last"),
    layer("Dense", "classes", {"units": 3, "activation": "softmax", "use_bias": True, **INITIALIZERS}, "pool"),
]
weights = {
    "stem": [("kernel", weight(3, 3, 1, 4)), ("bias", weight(4))],
    "half": [("kernel", weight(3, 3, 4, 6)), ("bias", weight(6))],
    "side": [("kernel", weight(3, 3, 6, 6)), ("bias", weight(6))],
    "last": [("kernel", weight(3, 3, 6, 5)), ("bias", weight(5))],
    "classes": [("kernel", weight(5, 3)), ("bias", weight(3))],
}
model = {
    "class_name": "Model",
    "config": {
        "name": "small",
        "layers": layers,
        "input_layers": [["pictures", 0, 0]],
        "output_layers": [["classes", 0, 0]],
    },
}

with h5py.File("small-network.h5", "w") as file:
    file.attrs["keras_version"] = np.bytes_("2.3.1")
    file.attrs["backend"] = np.bytes_("tensorflow")
    file.attrs["model_config"] = np.bytes_(json.dumps(model))
    group = file.create_group("model_weights")
    group.attrs["keras_version"] = np.bytes_("2.3.1")
    group.attrs["backend"] = np.bytes_("tensorflow")
    group.attrs["layer_names"] = np.array([each["name"] for each in layers], dtype="S")
    for each in layers:
        name = each["name"]
        own = group.create_group(name)
        named = [(f"{name}/{kind}:0", value) for kind, value in weights.get(name, [])]
        own.attrs["weight_names"] = np.array([full for full, _ in named], dtype="S")
        for full, value in named:
            own.create_dataset(full, data=value)
