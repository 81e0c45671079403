//! The demands of the check rules on a candidate.

use domain::compat::CheckName::*;
use domain::compat::HumilityRule;
use domain::model::{Field, Signature, ValueKind};

use super::{Row, Scene, hold};
use crate::build::{column, digest, onnx_tensor, tensor, words};
use crate::table::{fails, open, passed, sides, unknown, warns};

#[test]
fn the_file_in_use_and_challengers() {
    let rows: &[Row<'_>] = &[
        (
            "the same bytes",
            |scene| scene.digests.1 = digest('a'),
            &[warns(SameFile)],
            &["iris@2 is byte for byte iris@1"],
        ),
        ("other bytes", |_| {}, &[passed(SameFile), passed(Challenger)], &[]),
        (
            "a challenger by name",
            |scene| scene.rules.challengers = vec!["iris@2".parse().unwrap()],
            &[fails(Challenger)],
            &["iris@2 is a challenger of this deployment", "Take it off"],
        ),
        (
            "a challenger by its bytes",
            |scene| scene.challengers = vec![("lily@7".parse().unwrap(), digest('b'))],
            &[fails(Challenger)],
            &["iris@2 is byte for byte lily@7, a challenger of this deployment"],
        ),
        (
            "other challengers",
            |scene| {
                scene.rules.challengers = vec!["iris@3".parse().unwrap(), "lily@2".parse().unwrap()];
                scene.challengers = vec![("iris@3".parse().unwrap(), digest('c'))];
            },
            &[passed(Challenger)],
            &["iris@2 is none of the deployment's challengers"],
        ),
        (
            "a challenger of a deployment without a model in use",
            |scene| {
                scene.models.0 = None;
                scene.rules.challengers = vec!["iris@2".parse().unwrap()];
            },
            &[fails(Challenger)],
            &["iris@2"],
        ),
    ];
    hold(rows);
    let same_model = Scene { models: (Some("iris@1"), None), ..Scene::default() }.report();
    assert!(same_model.checks.iter().all(|check| ![Challenger, SameFile].contains(&check.check)), "{same_model:#?}");
}

fn wants(scene: &mut Scene, attributes: &[&str]) {
    scene.rules.segment_attributes = words(attributes).unwrap_or_default();
}

#[test]
fn segment_attributes() {
    let rows: &[Row<'_>] = &[
        (
            "there",
            |scene| wants(scene, &["width", "length"]),
            &[passed(SegmentAttributes)],
            &["iris@2 has every segment attribute"],
        ),
        (
            "not there",
            |scene| wants(scene, &["width", "store", "region"]),
            &[fails(SegmentAttributes)],
            &["iris@2 has no feature store, region,", "take it off"],
        ),
        (
            "columns of a tensor that properties name",
            |scene| {
                (scene.old, scene.new) = (onnx_tensor(), onnx_tensor());
                wants(scene, &["width"]);
            },
            &[passed(SegmentAttributes)],
            &[],
        ),
        (
            "no column of a tensor whose columns are named",
            |scene| {
                (scene.old, scene.new) = (onnx_tensor(), onnx_tensor());
                wants(scene, &["store"]);
            },
            &[fails(SegmentAttributes)],
            &["store"],
        ),
        (
            "beside a tensor whose columns are named",
            |scene| {
                scene.new = onnx_tensor();
                scene.new.inputs.push(tensor("store", "STRING", &[-1, 1]));
                scene.old = scene.new.clone();
                wants(scene, &["store", "width"]);
            },
            &[passed(SegmentAttributes)],
            &[],
        ),
        (
            "beside a tensor whose columns have no names",
            |scene| {
                scene.new.inputs.push(tensor("X", "FLOAT", &[-1, 8]));
                scene.old = scene.new.clone();
                wants(scene, &["store"]);
            },
            &[unknown(SegmentAttributes)],
            &["iris@2 does not name all its features, so whether it has store"],
        ),
        (
            "a column without a name",
            |scene| {
                scene.new.inputs = vec![column("", "double")];
                scene.old = scene.new.clone();
                wants(scene, &["store"]);
            },
            &[unknown(SegmentAttributes)],
            &["store"],
        ),
        (
            "one tensor without names",
            |scene| {
                scene.new.inputs = vec![tensor("X", "FLOAT", &[-1, 8])];
                scene.old = scene.new.clone();
                wants(scene, &["store"]);
            },
            &[unknown(SegmentAttributes)],
            &["Declare their names"],
        ),
        (
            "no signature",
            |scene| {
                for signature in [&mut scene.old, &mut scene.new] {
                    *signature = Signature { absent: true, ..Signature::default() };
                }
                wants(scene, &["store"]);
            },
            &[
                unknown(SegmentAttributes),
                unknown(SignatureAbsent),
                open(TargetName),
                open(TargetType),
                open(ClassNames),
            ],
            &["store"],
        ),
        (
            "inputs that were only begun to be declared",
            |scene| {
                for signature in [&mut scene.old, &mut scene.new] {
                    signature.absent = true;
                }
                wants(scene, &["store"]);
            },
            &[unknown(SegmentAttributes), unknown(SignatureAbsent), open(TargetName)],
            &["store"],
        ),
        ("none is asked for", |scene| scene.new.inputs.truncate(2), &[warns(InputRemoved)], &["height"]),
        (
            "no candidate",
            |scene| (scene.models.1, scene.rules.segment_attributes) = (None, words(&["x"]).unwrap()),
            &[],
            &[],
        ),
    ];
    hold(rows);
    assert_eq!(sides(&Scene::default().report(), SegmentAttributes), None);
    let mut scene = Scene::default();
    wants(&mut scene, &["width", "store"]);
    assert_eq!(sides(&scene.report(), SegmentAttributes), Some(("width, store", "lacks store")));
}

fn rule(scene: &mut Scene, features: &[&str], outputs: &[&str]) {
    let (features, outputs) = (words(features).unwrap_or_default(), words(outputs).unwrap_or_default());
    scene.rules.humility_rules.push(HumilityRule { name: "unsure".to_owned(), features, outputs });
}

#[test]
fn humility_rules() {
    let rows: &[Row<'_>] = &[
        (
            "features and outputs are there",
            |scene| rule(scene, &["width"], &["probabilities"]),
            &[passed(HumilityRules)],
            &["iris@2 has what the humility rule unsure looks at"],
        ),
        (
            "a feature is not there",
            |scene| rule(scene, &["store"], &["probabilities"]),
            &[fails(HumilityRules)],
            &["The humility rule unsure looks at store, which iris@2 does not have"],
        ),
        (
            "an output is not there",
            |scene| rule(scene, &["width"], &["confidence"]),
            &[fails(HumilityRules)],
            &["looks at confidence, which"],
        ),
        (
            "neither is there",
            |scene| rule(scene, &["store"], &["confidence"]),
            &[fails(HumilityRules)],
            &["store, confidence"],
        ),
        (
            "each rule has a line of its own",
            |scene| {
                rule(scene, &["store"], &[]);
                scene.rules.humility_rules[0].name = "the first".to_owned();
                rule(scene, &["age"], &[]);
            },
            &[fails(HumilityRules)],
            &["\"the first\" looks at store"],
        ),
        (
            "features without names",
            |scene| {
                scene.new.inputs = vec![tensor("X", "FLOAT", &[-1, 8])];
                scene.old = scene.new.clone();
                rule(scene, &["store"], &[]);
            },
            &[unknown(HumilityRules)],
            &["iris@2 does not name all that the humility rule unsure may look at"],
        ),
        (
            "an output is not there, whatever the features are called",
            |scene| {
                scene.new.inputs = vec![tensor("X", "FLOAT", &[-1, 8])];
                scene.old = scene.new.clone();
                rule(scene, &["store"], &["confidence"]);
            },
            &[fails(HumilityRules)],
            &["looks at confidence,"],
        ),
        (
            "only outputs are looked at",
            |scene| {
                scene.new.inputs = vec![tensor("X", "FLOAT", &[-1, 8])];
                scene.old = scene.new.clone();
                rule(scene, &[], &["species"]);
            },
            &[passed(HumilityRules)],
            &[],
        ),
        (
            "an output without a name",
            |scene| {
                for signature in [&mut scene.old, &mut scene.new] {
                    signature.outputs[1].name.clear();
                }
                rule(scene, &[], &["confidence"]);
            },
            &[unknown(HumilityRules)],
            &["unsure"],
        ),
        (
            "outputs that no one says",
            |scene| {
                for signature in [&mut scene.old, &mut scene.new] {
                    signature.outputs.clear();
                }
                rule(scene, &[], &["confidence"]);
            },
            &[unknown(HumilityRules), unknown(OutputNames), open(TargetName)],
            &["Declare the names"],
        ),
        (
            "no signature",
            |scene| {
                for signature in [&mut scene.old, &mut scene.new] {
                    *signature = Signature { absent: true, ..Signature::default() };
                }
                rule(scene, &[], &["confidence"]);
            },
            &[unknown(HumilityRules), unknown(SignatureAbsent), open(TargetName), open(TargetType), open(ClassNames)],
            &["unsure"],
        ),
        (
            "a rule that looks at nothing",
            |scene| {
                for signature in [&mut scene.old, &mut scene.new] {
                    *signature = Signature { absent: true, ..Signature::default() };
                }
                rule(scene, &[], &[]);
            },
            &[passed(HumilityRules), unknown(SignatureAbsent), open(TargetName), open(TargetType), open(ClassNames)],
            &[],
        ),
        (
            "a sequence is no feature with a name",
            |scene| {
                scene.new.inputs.push(Field { kind: ValueKind::Sequence, ..tensor("words", "STRING", &[-1]) });
                scene.old = scene.new.clone();
                rule(scene, &["store"], &[]);
            },
            &[unknown(HumilityRules)],
            &["unsure"],
        ),
    ];
    hold(rows);
}
