//! The Python environment that a candidate asks for.

use domain::compat::{CheckName, Outcome};
use domain::configuration::Runtime;
use domain::python::AskedEnvironment;

use super::Scene;

fn found(python: Option<&str>, left_out: &[&str], change: fn(&mut Scene)) -> Option<(Outcome, String)> {
    let mut scene = Scene::default();
    scene.candidate.runtime = Runtime::Mlflow;
    let left_out = left_out.iter().map(|text| (*text).to_owned()).collect();
    let asked = AskedEnvironment { python: python.map(str::to_owned), left_out, ..AskedEnvironment::default() };
    scene.environment = Some(asked);
    change(&mut scene);
    let line = scene.report().checks.into_iter().find(|line| line.check == CheckName::Environment)?;
    Some((line.outcome, line.message))
}

#[test]
fn another_python_and_what_is_left_out_are_warnings_and_failures_where_the_rules_say_so() {
    let asks = |python, left_out, change| found(python, left_out, change).unwrap();
    assert_eq!(asks(Some("3.10.4"), &[], |_| {}).0, Outcome::Passed);
    assert_eq!(asks(None, &[], |_| {}).0, Outcome::Passed);
    let (outcome, said) = asks(Some("3.8.18"), &["cudatoolkit=11.3: pip has no such package"], |_| {});
    assert_eq!(outcome, Outcome::Warning);
    assert!(said.contains("Python 3.8.18") && said.contains("3.10, 3.11") && said.contains("cudatoolkit"), "{said}");
    assert_eq!(asks(Some("3.8"), &[], |scene| scene.rules.environment_must_fit = true).0, Outcome::Failed);
    assert_eq!(asks(Some("3.8"), &[], |scene| scene.pythons = [8].into_iter().collect()).0, Outcome::Passed);
    // No replica could ever start with it.
    let impossible = |scene: &mut Scene| scene.environment.iter_mut().for_each(|asked| asked.impossible = true);
    let (outcome, said) = asks(None, &["requirements.txt has the line \"a b\""], impossible);
    assert_eq!(outcome, Outcome::Failed);
    assert!(said.contains("cannot be made: requirements.txt has the line"), "{said}");
}

#[test]
fn what_needs_no_python_is_not_asked() {
    assert_eq!(found(Some("3.8"), &[], |scene| scene.candidate.runtime = Runtime::Onnx), None);
    assert_eq!(found(Some("3.8"), &[], |scene| scene.environment = None), None);
}
