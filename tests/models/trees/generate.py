"""Makes the files of trees here, and what their trainers' own `predict` says of some rows. LightGBM 4.7.0, XGBoost 3.2.0."""

import json
import pathlib

import lightgbm
import numpy
import pandas
import xgboost

here = pathlib.Path(__file__).parent
random = numpy.random.default_rng(7)
count = 300
table = pandas.DataFrame(
    {
        "amount": random.normal(size=count),
        "city": pandas.Categorical(random.choice(["Bern", "Oslo", "Rome"], count)),
        "code": pandas.Categorical(random.choice([10, 20, 30], count)),
        "flag": pandas.Categorical(random.choice([False, True], count)),
        "never": pandas.Categorical(["same"] * count),
    }
)
truth = table.amount + 2 * (table.city == "Oslo") + 3 * (table.code == 20) + (table.flag == True)  # noqa: E712
quiet = {"verbose": -1, "min_data_in_leaf": 5, "num_leaves": 6}
expected = {}


def plain(row):
    return {name: value.item() if hasattr(value, "item") else value for name, value in row.items()}


def keep(name, kind, rows, predictions):
    inputs = [plain(row) for row in rows.to_dict("records")] if isinstance(rows, pandas.DataFrame) else rows.tolist()
    expected[name] = {"kind": kind, "rows": inputs, "predictions": [float(one) for one in predictions]}


few = table.head(6)
model = lightgbm.train({"objective": "regression", **quiet}, lightgbm.Dataset(table, truth), 8)
model.save_model(here / "lgb_categories.txt")
keep("lgb_categories.txt", "lightgbm", few, model.predict(few))

columns = ["amount", "city", "code"]
model = xgboost.train({"tree_method": "hist", "max_depth": 3}, xgboost.DMatrix(table[columns], truth, enable_categorical=True), 8)
model.save_model(here / "xgb_categories.json")
keep("xgb_categories.json", "xgboost", few[columns], model.predict(xgboost.DMatrix(few[columns], enable_categorical=True)))

numbers = random.normal(size=(count, 4))
noisy = numbers[:, 0] + random.normal(size=count) * 0.7
model = lightgbm.train({"objective": "regression", **quiet}, lightgbm.Dataset(numbers, noisy), 8)
model.save_model(here / "lgb_array.txt")
keep("lgb_array.txt", "lightgbm", numbers[:6], model.predict(numbers[:6]))
again = lightgbm.train({"objective": "regression", **quiet}, lightgbm.Dataset(numbers, noisy + 1), 4)
again.save_model(here / "lgb_array_v2.txt")

model = xgboost.XGBRegressor(n_estimators=60, max_depth=3, early_stopping_rounds=5)
model.fit(numbers[:200], noisy[:200], eval_set=[(numbers[200:], noisy[200:])], verbose=False)
assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
model.save_model(here / "xgb_stopped_early.json")
keep("xgb_stopped_early.json", "xgboost", numbers[:6], model.predict(numbers[:6]))
everything = model.get_booster().predict(xgboost.DMatrix(numbers[:6]))
assert abs(everything - model.predict(numbers[:6])).max() > 1e-3, "all rounds say something else"

(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
