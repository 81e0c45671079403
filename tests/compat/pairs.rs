//! Every pair of the manifest: may the new model replace the old one, and is every reason found that its reader names?

use std::fmt::Write as _;

use changeover::packages::{self, Package, Unreadable};
use domain::compat::{Outcome, Report, Side, Verdict, compare};
use domain::configuration::{Configuration, Routes};
use domain::id::{Digest, ModelRef};
use sha2::{Digest as _, Sha256};

use crate::corpus::{LIMIT, Manifest, Model, Pair, manifest};

/// Reasons that only running both models on data can find, as the manifest's policy says.
const NEED_DATA: [&str; 3] = ["semantics_unverifiable", "output_semantics", "output_values"];

/// Reasons that only two files which can be read could show: a file that is refused at registration is compared with
/// nothing.
const NEED_BOTH: [&str; 2] = ["old_unreadable", "format_changed"];

/// One side, read.
struct Read {
    package: Result<Package, Unreadable>,
    digest: Digest,
}

fn read(model: &Model) -> Read {
    let path = model.path();
    Read { package: packages::read(&path, LIMIT), digest: digest(&path) }
}

/// The digest of a file, or of the model in a folder and of what belongs to it.
fn digest(path: &std::path::Path) -> Digest {
    let mut hash = Sha256::new();
    let mut files: Vec<_> = walkdir::WalkDir::new(path).into_iter().filter_map(Result::ok).collect();
    files.sort_by_key(|file| file.path().to_owned());
    for file in files.iter().filter(|file| {
        file.file_type().is_file() && file.path().extension().is_none_or(|e| e != "json" || files.len() == 1)
    }) {
        hash.update(std::fs::read(file.path()).expect("it can be read"));
    }
    hex::encode(hash.finalize()).parse().expect("a SHA-256 is a digest")
}

fn side<'a>(name: &str, read: &'a Read, package: &'a Package) -> Side<'a> {
    let onnx = package.signature.flavors.iter().any(|flavor| flavor == "onnx");
    let runtime = if onnx { domain::configuration::Runtime::Onnx } else { package.kind.runtime() };
    let routes: Routes = Configuration { runtime, ..Configuration::default() }.serving_routes(None);
    let model: ModelRef = name.parse().expect("it is a model version");
    let (digest, signature) = (&read.digest, &package.signature);
    Side {
        model,
        kind: package.kind,
        digest,
        runtime,
        routes,
        custom: None,
        environment: None,
        url: None,
        loads: None,
        signature,
    }
}

/// The comparison of two models; when one is refused at registration, the report that goes with its refusal.
fn report(old: &Read, new: &Read) -> Report {
    match (&old.package, &new.package) {
        (Ok(a), Ok(b)) => Report::of(compare(&side("old@1", old, a), &side("new@1", new, b)), false),
        (_, Err(error)) | (Err(error), Ok(_)) => Report::unreadable(&error.checks(), &error.to_string()),
    }
}

/// The manifest's word for a verdict.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "compatible",
        Verdict::Warning => "warn",
        Verdict::Incompatible => "incompatible",
        Verdict::NotVerified => "undecidable",
        Verdict::Unreadable => "unreadable",
    }
}

/// Reasons that the report does not give.
fn missing<'a>(pair: &'a Pair, report: &Report) -> Vec<&'a str> {
    let found: Vec<String> = report.checks.iter().map(|check| check.check.to_string()).collect();
    let reasons = pair.expected_reasons.iter().map(String::as_str);
    let refused = report.verdict == Verdict::Unreadable;
    let asked = |reason: &&str| !(NEED_DATA.contains(reason) || refused && NEED_BOTH.contains(reason));
    reasons.filter(asked).filter(|reason| !found.iter().any(|found| found == reason)).collect()
}

#[test]
fn every_pair_has_its_verdict_and_its_reasons() {
    let Manifest { models, pairs } = manifest();
    let read: std::collections::HashMap<&str, Read> =
        models.iter().map(|model| (model.id.as_str(), read(model))).collect();
    let mut table = String::new();
    let mut wrong = String::new();
    for pair in &pairs {
        let report = report(&read[pair.old.as_str()], &read[pair.new.as_str()]);
        let verdict = word(report.verdict);
        let missing = missing(pair, &report);
        let accepted = pair.expected_verdict == verdict || pair.also_acceptable.iter().any(|other| other == verdict);
        let speaking = report.checks.iter().filter(|check| check.outcome != Outcome::Passed);
        let found: Vec<String> = speaking.map(|check| format!("{}:{:?}", check.check, check.outcome)).collect();
        let _ = writeln!(table, "{} {} → {}: {verdict}; {}", pair.id, pair.old, pair.new, found.join(" "));
        if !accepted || !missing.is_empty() {
            let _ = writeln!(
                wrong,
                "{} {} → {}: {verdict} where {} is expected, without {missing:?}\n{report:#?}\n{}",
                pair.id, pair.old, pair.new, pair.expected_verdict, pair.note
            );
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong}");
}

/// A reason that is expected is no line that passes, unless the pair is compatible for that reason.
#[test]
fn what_speaks_against_a_pair_is_not_passed() {
    let Manifest { models, pairs } = manifest();
    let by_id = |id: &str| read(models.iter().find(|model| model.id == id).expect("the manifest names its models"));
    for pair in pairs.iter().filter(|pair| pair.expected_verdict != "compatible") {
        let report = report(&by_id(&pair.old), &by_id(&pair.new));
        if report.verdict == Verdict::Unreadable {
            continue; // Every line of a refusal says why.
        }
        for reason in pair.expected_reasons.iter().filter(|reason| !NEED_DATA.contains(&reason.as_str())) {
            let mut lines = report.checks.iter().filter(|check| check.check.to_string() == *reason);
            let speaks = lines.any(|check| check.outcome != Outcome::Passed);
            // New outputs by themselves harm nobody; a change of the file's format is named beside what follows from it.
            assert!(speaks || ["output_added", "format_changed"].contains(&reason.as_str()), "{} {reason}", pair.id);
        }
    }
}
