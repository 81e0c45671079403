//! The findings in small files of trees, and the answers to hostile ones.

use std::io::Cursor;

use domain::compat::CheckName;
use domain::model::{Dimension, Meaning, Signature, Task, ValueKind, whole_table};

use super::*;
use crate::packages::Unreadable;

/// A model of LightGBM's with two trees of 21 bytes each.
fn lightgbm(head: &str, end: &str) -> String {
    let tree = |n: u8| format!("Tree={n}\nnum_leaves=1\n\n");
    format!("tree\nversion=v4\nmax_feature_idx=2\n{head}tree_sizes=21 21\n\n{}{}{end}", tree(0), tree(1))
}

const END: &str = "end of trees\n\nfeature_importances:\n\nparameters:\n[x: 1]\nend of parameters\n\n";

fn light(text: &str) -> Result<Signature, Unreadable> {
    lightgbm::read(&mut Cursor::new(text))
}

#[test]
fn features_of_lightgbm_are_columns_with_the_types_that_were_seen() {
    let head = "num_class=1\nobjective=binary sigmoid:1\nfeature_names=a b c\nfeature_infos=[0:1] none 2:0:1\n";
    let signature = light(&lightgbm(head, &format!("{END}pandas_categorical:[[\"x\", \"y\"]]\n"))).unwrap();
    let columns: Vec<_> = signature.inputs.iter().map(|input| (input.name.as_str(), input.datatype.as_str())).collect();
    assert_eq!(columns, [("a", "float"), ("b", ""), ("c", "c")]);
    assert_eq!((signature.target.task, signature.class_count), (Some(Task::Binary), Some(2)));
    assert_eq!(signature.outputs[0].shape, Some(vec![Dimension::Unknown]));
    assert_eq!(signature.metadata["pandas_categorical"], r#"[["x", "y"]]"#);
    let ranking = light(&lightgbm("objective=lambdarank\n", END)).unwrap();
    assert_eq!(ranking.target.task, Some(Task::Ranking));
    assert_eq!((ranking.inputs.len(), ranking.inputs[0].kind), (1, ValueKind::Tensor));
}

#[test]
fn which_quantile_a_file_was_trained_for_is_read() {
    let end = END.replace("[x: 1]", "[objective: quantile]\n[alpha: 0.9]");
    let quantile = light(&lightgbm("objective=quantile\n", &end)).unwrap();
    assert_eq!(quantile.metadata["quantile_alpha"], "0.9");
    // Others have an alpha that means something else.
    assert_eq!(light(&lightgbm("objective=huber\n", &end)).unwrap().metadata.get("quantile_alpha"), None);
}

#[test]
fn a_lightgbm_file_that_was_cut_or_changed_is_refused() {
    let good = lightgbm("objective=regression\nfeature_names=a b c\n", END);
    assert!(light(&good).is_ok());
    for length in 5..good.len() - 2 {
        let Err(error) = light(&good[..length]) else {
            // What follows the trees is for people.
            assert!(length > good.find("end of trees").unwrap() + 10, "cut after {length} bytes");
            continue;
        };
        assert!(error.checks().contains(&CheckName::NotLoadable), "{error}");
    }
    let changed = good.replace('\n', "\r\n");
    assert!(matches!(light(&changed), Err(Unreadable::Damaged { .. })));
    assert!(light(&good.replace("a b c", "a b")).is_err());
    assert!(light(&good.replace("21 21", "21 99999999999999999999")).is_err());
    assert!(light(&good.replace("21 21", "21 18446744073709551615")).is_err());
}

#[test]
fn a_lightgbm_file_of_an_old_release_is_read() {
    let old =
        "tree\nnum_class=1\nmax_feature_idx=1\nobjective=regression\nfeature_names=a b\n\nTree=0\nnum_leaves=1\n\n\n";
    assert!(light(&format!("{old}feature importances:\na=1\n")).is_ok());
    assert!(matches!(light(old), Err(Unreadable::CutShort { .. })));
}

/// A model of XGBoost's in JSON.
fn json(names: &str, objective: &str, parameters: &str) -> String {
    format!(
        r#"{{"learner":{{"attributes":{{"best_score":"1","target_name":"species"}},"feature_names":{names},"feature_types":[],
        "gradient_booster":{{"model":{{"trees":[[1.5e3,-2,null]]}},"name":"gbtree"}},
        "learner_model_param":{parameters},"objective":{objective}}},"version":[3,2,0]}}"#
    )
}

fn boost(text: &str) -> Result<Signature, Unreadable> {
    xgboost::read_json(&mut Cursor::new(text))
}

#[test]
fn numbers_that_json_has_no_words_for_are_read_as_xgboost_writes_them() {
    let text = json(r#"["NaN","-Infinity I\\\"N"]"#, r#"{"name":"reg:squarederror"}"#, r#"{"num_feature":"2"}"#);
    let text = text.replace("[1.5e3,-2,null]", "[1.5E3,NaN,-Infinity,Infinity, NaN ,null]");
    let signature = boost(&text).unwrap();
    let names: Vec<_> = signature.inputs.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(names, ["NaN", "-Infinity I\\\"N"]);
}

#[test]
fn what_a_later_release_may_write_is_not_called_damaged() {
    let later = json("[]", r#"{"name":"reg:squarederror"}"#, r#"{"num_feature":{"of":"two"}}"#);
    let error = boost(&later).unwrap_err();
    assert!(matches!(error, Unreadable::NotUnderstood { .. }), "{error}");
    assert!(error.to_string().starts_with("this version of Changeover does not read the XGBoost JSON file"), "{error}");
    assert!(matches!(boost(&json("[]", "oh", "no")), Err(Unreadable::Damaged { .. })));
}

const THREE: &str = r#"{"num_class":"3","num_feature":"2","num_target":"1","base_score":"5E-1"}"#;

#[test]
fn what_xgboost_answers_is_in_its_objective() {
    let iris = boost(&json(r#"["a","b"]"#, r#"{"name":"multi:softprob"}"#, THREE)).unwrap();
    assert_eq!((iris.target.task, iris.class_count), (Some(Task::Multiclass), Some(3)));
    assert_eq!(iris.outputs[0].shape, Some(vec![Dimension::Unknown, Dimension::Fixed(3)]));
    assert_eq!(iris.outputs[0].meaning, Some(Meaning::Probability));
    assert_eq!((iris.target.name.as_deref(), iris.metadata.contains_key("best_score")), (Some("species"), false));
    assert_eq!(iris.producer, "XGBoost 3.2.0");
    assert_eq!(iris.metadata.get(BEST_ITERATION), None);
    let two = r#"{"num_class":"0","num_feature":"2"}"#;
    let objective = r#"{"name":"reg:quantileerror","quantile_loss_param":{"quantile_alpha":"[0.1,0.5,0.9]"}}"#;
    let quantiles = boost(&json("[]", objective, two)).unwrap();
    assert_eq!((quantiles.inputs[0].name.as_str(), quantiles.inputs[0].kind), ("", ValueKind::Tensor));
    assert_eq!(quantiles.outputs[0].shape, Some(vec![Dimension::Unknown, Dimension::Fixed(3)]));
    assert!(quantiles.interval_level.is_some_and(|level| (level - 0.8).abs() < 1e-9));
    assert_eq!(quantiles.metadata["quantile_alpha"], "[0.1,0.5,0.9]");
    // No features is no number of features.
    for unstated in [r#"{"num_class":"0","num_feature":"0"}"#, "{}"] {
        let signature = boost(&json("[]", r#"{"name":"reg:squarederror"}"#, unstated)).unwrap();
        assert_eq!(signature.inputs[0].shape, Some(vec![Dimension::Unknown, Dimension::Unknown]));
    }
}

#[test]
fn names_that_a_library_made_up_are_one_tensor_unless_they_have_categories() {
    let infos = "feature_infos=[0:1] none 2:0:1\nfeature_names=Column_0 Column_1 Column_2\n";
    let array = light(&lightgbm(infos, END)).unwrap();
    assert_eq!(array.inputs, [whole_table(3)]);
    assert_eq!(light(&lightgbm(infos, &format!("{END}pandas_categorical:null\n"))).unwrap().inputs, array.inputs);
    let table = light(&lightgbm(infos, &format!("{END}pandas_categorical:[[\"x\"]]\n"))).unwrap();
    assert_eq!(table.inputs.len(), 3);
    let squared = r#"{"name":"reg:squarederror"}"#;
    assert_eq!(boost(&json(r#"["f0","f1"]"#, squared, THREE)).unwrap().inputs, [whole_table(2)]);
    assert_eq!(boost(&json(r#"["f1","f0"]"#, squared, THREE)).unwrap().inputs.len(), 2);
}

#[test]
fn a_column_that_no_tree_could_use_is_still_categorical() {
    let head = "feature_infos=[0:1] none 2:0:1\nfeature_names=a b c\n";
    let end = END.replace("[x: 1]", "[x: 1]\n[categorical_feature: 1,2]");
    let signature = light(&lightgbm(head, &format!("{end}pandas_categorical:[[\"x\"],[3,4]]\n"))).unwrap();
    let types: Vec<_> = signature.inputs.iter().map(|input| input.datatype.as_str()).collect();
    assert_eq!(types, ["float", "c", "c"]);
    let datatypes: Vec<_> = signature.tree_columns().unwrap().iter().map(domain::model::Column::datatype).collect();
    assert_eq!(datatypes, ["FP32", "BYTES", "INT64"]);
}

#[test]
fn a_model_that_stopped_early_says_where() {
    let good = json(r#"["a","b"]"#, r#"{"name":"reg:squarederror"}"#, THREE);
    let stopped = |attributes: &str, trees: &str| {
        let text = good.replace(r#""best_score":"1""#, attributes);
        let text = text.replace(r#"{"trees":"#, &format!(r#"{{"gbtree_model_param":{trees},"trees":"#));
        boost(&text).unwrap().metadata.get(BEST_ITERATION).cloned()
    };
    for (attributes, trees, best) in [
        (r#""best_iteration":"11""#, "{}", Some("11")),
        (r#""best_ntree_limit":"12""#, "{}", Some("11")),
        (r#""best_ntree_limit":"12""#, r#"{"num_parallel_tree":"4"}"#, Some("2")),
        (r#""best_iteration":"1","best_ntree_limit":"99""#, "{}", Some("1")),
        (r#""best_iteration":"x""#, "{}", None),
        (r#""best_ntree_limit":"0""#, "{}", None),
    ] {
        assert_eq!(stopped(attributes, trees).as_deref(), best, "{attributes} {trees}");
    }
}

#[test]
fn categories_of_xgboost_are_kept_under_the_names_of_their_columns() {
    let model = |booster: &str| {
        let good = json(r#"["a","b"]"#, r#"{"name":"reg:squarederror"}"#, THREE);
        let trees = r#"{"model":{"trees":[[1.5e3,-2,null]]},"name":"gbtree"}"#;
        assert!(good.contains(trees));
        boost(&good.replace(trees, booster)).unwrap().metadata.get("categories").cloned()
    };
    let cats = |lists: &str| format!(r#"{{"model":{{"cats":{{"enc":[{lists}]}}}}}}"#);
    // Texts as bytes, some of them negative, and where each begins; whole numbers; none.
    let texts = r#"{"offsets":[0,1,3],"values":[65,-61,-87]}"#;
    assert_eq!(model(&cats(&format!("{{}},{texts}"))).as_deref(), Some(r#"{"b":["A","é"]}"#));
    assert_eq!(model(&cats(r#"{"type":15,"values":[1,7]}"#)).as_deref(), Some(r#"{"a":[1,7]}"#));
    let dart = format!(r#"{{"gbtree":{},"name":"dart"}}"#, cats(texts));
    assert_eq!(model(&dart).as_deref(), Some(r#"{"a":["A","é"]}"#));
    // What is not understood, or more than any model has, is no claim.
    for lists in [
        "",
        r#"{"offsets":[],"values":[]}"#,
        r#"{"offsets":[0,-1,9],"values":[65]}"#,
        r#"{"offsets":[0,9],"values":[65]}"#,
        r#"{"values":[0.5]}"#,
        // Too long to keep.
        &format!("{{\"values\":[{}1]}}", "1,".repeat(70_000)),
    ] {
        assert_eq!(model(&cats(lists)), None, "{}", &lists[..lists.len().min(60)]);
    }
    let wide = cats(&format!("{}{texts}", "{},".repeat(70_000)));
    assert_eq!(model(&wide), None);
    // More than are read: no runtime could take them.
    for lists in
        [format!("{{\"values\":[{}1]}}", "1,".repeat(4 << 20)), format!("{}{{\"values\":[1]}}", "{},".repeat(4 << 20))]
    {
        let good = json(r#"["a","b"]"#, r#"{"name":"reg:squarederror"}"#, THREE);
        let trees = r#"{"model":{"trees":[[1.5e3,-2,null]]},"name":"gbtree"}"#;
        let refused = boost(&good.replace(trees, &cats(&lists)));
        assert!(matches!(refused, Err(Unreadable::Implausible { .. })), "{refused:?}");
    }
}

#[test]
fn lists_too_long_to_keep_show_what_the_runtime_takes() {
    let infos = "feature_infos=1:2 1:2 [0:1]\nfeature_names=Column_0 Column_1 Column_2\n";
    let cities: Vec<String> = (0..9_000).map(|n| format!("city {n}")).collect();
    let numbers: Vec<u32> = (0..9_000).collect();
    let lists = serde_json::json!([cities, numbers]).to_string();
    let text = lightgbm(infos, &format!("{END}pandas_categorical:{lists}\n"));
    let registered = light(&text).unwrap();
    let served = lightgbm::read_with(&mut Cursor::new(text), usize::MAX).unwrap();
    let takes = |signature: &Signature| {
        let columns = signature.tree_columns().unwrap();
        columns.iter().map(|column| (column.datatype(), column.example())).collect::<Vec<_>>()
    };
    assert_eq!(takes(&registered), takes(&served));
    assert_eq!(takes(&registered)[0], ("BYTES", "city 0".into()));
    assert_eq!(registered.clone().without_made_up_names(), registered);
    assert!(serde_json::to_string(&registered).unwrap().len() < 4_000);
}

#[test]
fn json_that_is_no_model_or_a_hostile_one_is_refused() {
    let good = json("[]", r#"{"name":"reg:squarederror"}"#, THREE);
    assert!(matches!(boost(&good[..good.len() - 5]), Err(Unreadable::CutShort { .. })));
    assert!(matches!(boost(&format!("{good} x")), Err(Unreadable::Damaged { .. })));
    assert!(matches!(boost(r#"{"a":1}"#), Err(Unreadable::Other(_))));
    assert!(matches!(boost(&good.replace("\"model\"", "\"m\"")), Err(Unreadable::Contradiction { .. })));
    assert!(matches!(boost(&good.replace("\"2\"", "\"x\"")), Err(Unreadable::Contradiction { .. })));
    for (number, taken) in [
        ("NaN", true),
        ("-Infinity", true),
        (" Infinity ", true),
        ("Nil", false),
        ("Nonsense", false),
        ("Na", false),
        ("NaNN", false),
        ("1NaN", false),
        ("Infinit", false),
    ] {
        assert_eq!(boost(&good.replace("1.5e3", number)).is_ok(), taken, "{number}");
    }
    let deep = format!(r#"{{"learner":{{"x":{}"#, "[".repeat(1_000_000));
    assert!(matches!(boost(&deep), Err(Unreadable::Implausible { .. })));
    let long = format!(r#"{{"learner":"{}"#, "x".repeat(17 << 20));
    assert!(matches!(boost(&long), Err(Unreadable::Implausible { .. })));
}

fn ubjson(bytes: &[u8]) -> Result<Signature, Unreadable> {
    xgboost::read_ubjson(&mut Cursor::new(bytes))
}

/// A key of UBJSON.
fn key(name: &str) -> Vec<u8> {
    [b"i", &[name.len() as u8][..], name.as_bytes()].concat()
}

#[test]
fn ubjson_with_hostile_lengths_ends_at_once() {
    let most = [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let below = [0xff; 8];
    let learner = |value: &[u8]| [b"{".to_vec(), key("learner"), value.to_vec()].concat();
    for value in [
        [b"[#L", &most[..]].concat(),
        [b"[$Z#L", &most[..]].concat(),
        [b"[$d#L", &most[..]].concat(),
        [b"[$[#L", &most[..]].concat(),
        [b"{#L", &most[..]].concat(),
        [b"SL", &most[..]].concat(),
        [b"SL", &below[..]].concat(),
        b"[".repeat(100_000),
        b"[$[#i\x01".repeat(100_000),
        b"{i\x01a".repeat(100_000),
        b"N".repeat(100_000),
    ] {
        for bytes in [learner(&value), learner(&[b"{".to_vec(), key("x"), value.clone()].concat())] {
            let error = ubjson(&bytes).unwrap_err();
            assert!(error.checks().contains(&CheckName::NotLoadable), "{error}");
        }
    }
    // A list in a place that is kept.
    let names = |value: &[u8]| learner(&[b"{".to_vec(), key("feature_names"), value.to_vec()].concat());
    assert!(ubjson(&names(&[b"[$T#L", &most[..]].concat())).is_err());
}
