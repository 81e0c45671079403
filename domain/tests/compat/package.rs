//! The package: its file, kind, format, routes, signature and properties.

use domain::compat::CheckName::{self, *};
use domain::compat::{Report, Side, compare};
use domain::configuration::{Configuration, Routes, Runtime};
use domain::id::Digest;
use domain::model::{CustomPackage, Format, PackageKind, Part, Series, Signature, Task};

use crate::build::{compared, digest, forecast, metadata, mlflow, onnx_columns, onnx_tensor, side, trees, words};
use crate::table::{Line, Row, fails, hold, open, passed, says, sides, unknown, warns};

/// `iris@1` of one kind and `iris@2` of another, with the same signature.
fn kinds(old: PackageKind, new: PackageKind) -> Report {
    let digests = (digest('a'), digest('b'));
    let of = |kind| Signature { format: format(kind), ..mlflow() };
    let (before, after) = (of(old), of(new));
    let current = as_kind("iris@1", old, &digests.0, &before);
    Report::of(compare(&current, &as_kind("iris@2", new, &digests.1, &after)), false)
}

fn format(kind: PackageKind) -> Format {
    match kind {
        PackageKind::Onnx => Format::Onnx,
        PackageKind::Mlflow => Format::Mlflow,
        PackageKind::Lightgbm => Format::LightgbmText,
        PackageKind::Xgboost => Format::XgboostJson,
        PackageKind::Custom | PackageKind::External => Format::Declared,
    }
}

fn as_kind<'a>(model: &str, kind: PackageKind, digest: &'a Digest, signature: &'a Signature) -> Side<'a> {
    let runtime = kind.runtime();
    let routes = Configuration { runtime, ..Configuration::default() }.serving_routes(None);
    Side { kind, runtime, routes, ..side(model, digest, signature) }
}

fn find(report: &Report, check: CheckName) -> Option<Line> {
    let line = report.checks.iter().find(|line| line.check == check)?;
    Some(match line.outcome {
        domain::compat::Outcome::Passed => passed(check),
        domain::compat::Outcome::Warning => warns(check),
        domain::compat::Outcome::Failed => fails(check),
        domain::compat::Outcome::NotVerified => open(check),
    })
}

#[test]
fn each_kind_replaces_only_its_own() {
    for old in PackageKind::ALL {
        for new in PackageKind::ALL {
            let report = kinds(old, new);
            let external = [old, new].iter().filter(|kind| **kind == PackageKind::External).count();
            let kind = if external == 1 { fails(PackageKind) } else { passed(PackageKind) };
            assert_eq!(find(&report, PackageKind), Some(kind), "{old:?} {new:?}");
            let trees = [PackageKind::Lightgbm, PackageKind::Xgboost];
            let format = match (old == new || external > 0, trees.contains(&old) && trees.contains(&new)) {
                (true, _) => None,
                (false, true) => Some(warns(FormatChanged)),
                (false, false) => Some(fails(FormatChanged)),
            };
            assert_eq!(find(&report, FormatChanged), format, "{old:?} {new:?}");
            let protocols = (old.runtime().protocol(), new.runtime().protocol());
            let routes = match (external > 0, protocols.0 == protocols.1) {
                (true, _) => None,
                (false, true) => Some(passed(Routes)),
                (false, false) => Some(fails(Routes)),
            };
            assert_eq!(find(&report, Routes), routes, "{old:?} {new:?}");
        }
    }
    let told = |old, new, check| {
        let report = kinds(old, new);
        report.checks.iter().find(|line| line.check == check).unwrap().message.clone()
    };
    for (old, new, check, words) in [
        (
            PackageKind::Onnx,
            PackageKind::External,
            PackageKind,
            "iris@1 is run by Changeover and iris@2 runs elsewhere and is only watched.",
        ),
        (
            PackageKind::External,
            PackageKind::Onnx,
            PackageKind,
            "iris@1 runs elsewhere and is only watched and iris@2 is run",
        ),
        (PackageKind::External, PackageKind::External, PackageKind, "Both run elsewhere"),
        (PackageKind::Onnx, PackageKind::Onnx, PackageKind, "Both are run by Changeover"),
        (
            PackageKind::Lightgbm,
            PackageKind::Xgboost,
            FormatChanged,
            "LightGBM text and is XGBoost JSON. They are called",
        ),
        (
            PackageKind::Onnx,
            PackageKind::Mlflow,
            FormatChanged,
            "iris@1 is ONNX, served by the runtime onnx, and iris@2 is MLflow, served by mlflow",
        ),
        (
            PackageKind::Onnx,
            PackageKind::Mlflow,
            Routes,
            "/v2/health/ready (Open Inference Protocol); the candidate answers at /invocations and /ping (MLflow scoring)",
        ),
    ] {
        let message = told(old, new, check);
        assert!(message.contains(words), "{old:?} {new:?}: {message}");
    }
}

#[test]
fn formats_of_one_kind() {
    let rows: &[Row<'_>] = &[
        (
            "XGBoost's other format",
            |_, new| new.format = Format::XgboostUbj,
            &[passed(FormatChanged)],
            &["was XGBoost JSON and is XGBoost UBJSON: callers do not notice"],
        ),
        (
            "another kind of trees",
            |_, new| new.format = Format::LightgbmText,
            &[warns(FormatChanged)],
            &["XGBoost JSON", "LightGBM text", "compare some answers"],
        ),
    ];
    hold(&trees(), rows);
}

#[test]
fn an_mlflow_model_that_the_onnx_runtime_serves_is_called_like_an_onnx_file() {
    let digests = (digest('a'), digest('b'));
    let (old, new) = (onnx_columns(), Signature { format: Format::Mlflow, ..onnx_columns() });
    let candidate = Side { runtime: Runtime::Onnx, routes: Routes::default(), ..side("iris@2", &digests.1, &new) };
    let report = Report::of(compare(&side("iris@1", &digests.0, &old), &candidate), false);
    let same = Report::of(compare(&side("iris@1", &digests.0, &old), &side("iris@2", &digests.1, &old)), false);
    says(
        "flavour onnx",
        &same,
        &report,
        &[warns(FormatChanged), passed(Routes)],
        &["ONNX", "MLflow", "in the same way"],
    );
}

#[test]
fn routes() {
    let digests = (digest('a'), digest('b'));
    let signature = onnx_columns();
    let of = |predict: &str, health: &str, reconfigure: Option<&str>| {
        let routes = Routes {
            predict: predict.to_owned(),
            health: health.to_owned(),
            reconfigure: reconfigure.map(str::to_owned),
        };
        let new = Side { routes, ..side("iris@2", &digests.1, &signature) };
        Report::of(compare(&side("iris@1", &digests.0, &signature), &new), false)
    };
    let Routes { predict, health, .. } = Routes::default();
    let same = of(&predict, &health, None);
    says("same", &same, &same, &[passed(Routes)], &["stay the same"]);
    says("reconfigure", &same, &of(&predict, &health, Some("/x")), &[passed(Routes)], &[]);
    says("predict", &same, &of("/p", &health, None), &[fails(Routes)], &["answers at /p and /v2/health/ready"]);
    says("health", &same, &of(&predict, "/h", None), &[fails(Routes)], &["Keep the routes", "and /h (Open"]);
}

#[test]
fn the_same_file_changes_nothing() {
    let signature = onnx_columns();
    let digest = digest('a');
    let report = Report::of(compare(&side("iris@1", &digest, &signature), &side("iris@2", &digest, &signature)), false);
    says("same bytes", &report, &report, &[passed(SameFile)], &["iris@2 is byte for byte iris@1"]);
    let declared = Signature { classes: words(&["a", "b"]), ..signature.clone() };
    let other = Report::of(compare(&side("iris@1", &digest, &signature), &side("iris@2", &digest, &declared)), false);
    let line = other.checks.iter().find(|check| check.check == SameFile).expect("it is always there");
    assert!(line.message.contains("how they are run, or what a person declared"), "{}", line.message);
    let custom = CustomPackage { command: vec!["serve".to_owned()], ..CustomPackage::default() };
    let run = Side { custom: Some(&custom), ..side("iris@2", &digest, &signature) };
    let other = Report::of(compare(&side("iris@1", &digest, &signature), &run), false);
    let line = other.checks.iter().find(|check| check.check == SameFile).expect("it is always there");
    assert!(line.message.contains("how they are run"), "{}", line.message);
    let rows: &[Row<'_>] = &[("other bytes", |_, _| {}, &[passed(SameFile)], &["iris@2 is another file than iris@1"])];
    hold(&signature, rows);
}

#[test]
fn external_packages_are_asked_at_their_own_urls() {
    let (signature, digests) = (onnx_columns(), (digest('a'), digest('b')));
    let kind = PackageKind::External;
    let at = |model: &'static str, digest, url| Side { kind, url: Some(url), ..side(model, digest, &signature) };
    let to =
        |digest, url| Report::of(compare(&at("iris@1", &digests.0, "http://a/"), &at("iris@2", digest, url)), false);
    let same = to(&digests.0, "http://a/");
    says("same", &same, &same, &[passed(Routes)], &["at the same URL"]);
    says("same", &same, &same, &[passed(SameFile)], &["runs where iris@1 does"]);
    let moved = to(&digests.1, "http://b/");
    says("moved", &same, &moved, &[warns(Routes)], &["answers at http://a/", "move them"]);
    assert!(moved.checks.iter().any(|check| check.message.contains("runs elsewhere than iris@1")), "{moved:#?}");
}

#[test]
fn signatures_that_are_absent() {
    let rows: &[Row<'_>] = &[
        ("both are there", |_, _| {}, &[passed(SignatureAbsent)], &["Both packages state"]),
        (
            "the candidate's",
            |_, new| new.absent = true,
            &[unknown(SignatureAbsent), open(TargetName)],
            &["iris@2 does not state its inputs and outputs", "save it with one"],
        ),
        (
            "the one in use's",
            |old, _| old.absent = true,
            &[unknown(SignatureAbsent), open(TargetName)],
            &["iris@1 does not state its inputs and outputs"],
        ),
        (
            "both",
            |old, new| (old.absent, new.absent) = (true, true),
            &[unknown(SignatureAbsent), open(TargetName)],
            &["iris@1 and iris@2 do not state their inputs and outputs"],
        ),
    ];
    hold(&mlflow(), rows);
    let absent = Signature { absent: true, ..mlflow() };
    assert_eq!(sides(&compared(&mlflow(), &absent), SignatureAbsent), Some(("has a signature", "no signature")));
}

#[test]
fn properties_that_are_lost() {
    let rows: &[Row<'_>] = &[
        (
            "feature names",
            |_, new| new.features = None,
            &[warns(MetadataLost)],
            &["iris@1 says the names of the features and iris@2 does not", "Write it into the file again"],
        ),
        (
            "feature names of a tensor that became columns",
            |old, new| {
                *old = onnx_columns();
                *new = onnx_columns();
                old.features = words(&["a"]);
            },
            &[],
            &[],
        ),
        (
            "target name",
            |_, new| new.target.name = None,
            &[warns(MetadataLost), open(TargetName)],
            &["the target's name"],
        ),
        (
            "kind of answer that a property said",
            |old, new| {
                old.metadata = metadata(&[("task", "regression")]);
                new.target.task = None;
            },
            &[warns(MetadataLost), open(TargetType), open(ClassNames)],
            &["what kind of answer it gives"],
        ),
        (
            "kind of answer that a person declared",
            |old, new| {
                old.declared = vec![Part::TargetType];
                new.target.task = None;
            },
            &[warns(MetadataLost), open(TargetType), open(ClassNames)],
            &["what kind of answer it gives"],
        ),
        (
            "kind of answer that operators still show",
            |old, _| old.metadata = metadata(&[("task", "regression")]),
            &[],
            &[],
        ),
        (
            "several",
            |_, new| (new.features, new.target.name) = (None, None),
            &[warns(MetadataLost), open(TargetName)],
            &["the names of the features, the target's name"],
        ),
        ("gained", |old, _| (old.features, old.target.name) = (None, None), &[passed(TargetName)], &[]),
        (
            "another family says other things",
            |_, new| (new.format, new.features, new.target.name) = (Format::LightgbmText, None, None),
            &[open(TargetName), fails(FormatChanged)],
            &[],
        ),
    ];
    hold(&onnx_tensor(), rows);
    let rows: &[Row<'_>] = &[
        (
            "classes",
            |old, new| {
                (old.classes, old.declared) = (words(&["a", "b"]), vec![Part::Classes]);
                new.series = Some(Series::default());
                old.series = Some(Series::default());
                (old.target.task, new.target.task) = (Some(Task::Binary), Some(Task::Binary));
            },
            &[warns(MetadataLost), open(ClassNames)],
            &["the class names"],
        ),
        (
            "series",
            |old, _| old.series = Some(Series::default()),
            &[warns(MetadataLost), open(TimeSeries)],
            &["time series"],
        ),
    ];
    hold(&mlflow(), rows);
    let rows: &[Row<'_>] = &[
        (
            "level of intervals",
            |_, new| new.interval_level = None,
            &[warns(MetadataLost), open(PredictionInterval)],
            &["the level of its prediction intervals"],
        ),
        (
            "level of intervals that are gone themselves",
            |_, new| {
                new.outputs.truncate(1);
                new.interval_level = None;
            },
            &[fails(PredictionInterval), fails(OutputRemoved)],
            &["does not"],
        ),
    ];
    hold(&forecast(), rows);
}
