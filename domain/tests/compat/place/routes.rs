//! The routes at which callers find a candidate.

use domain::compat::CheckName::*;
use domain::configuration::{Routes, Runtime};

use super::{Row, hold};
use crate::table::{fails, passed, warns};

fn routes(predict: &str, health: &str) -> Routes {
    Routes { predict: predict.to_owned(), health: health.to_owned(), reconfigure: None }
}

#[test]
fn routes_of_a_shared_url() {
    let rows: &[Row<'_>] = &[
        ("the same", |_| {}, &[passed(Routes)], &["stay the same"]),
        (
            "another predict route",
            |scene| scene.candidate.routes = routes("/p", "/v2/health/ready"),
            &[fails(Routes)],
            &["Callers use /v2/models/{model}/infer", "the candidate answers at /p", "Keep the routes"],
        ),
        (
            "another health route",
            |scene| scene.candidate.routes = routes("/v2/models/{model}/infer", "/up"),
            &[fails(Routes)],
            &["and /up"],
        ),
        (
            "the routes of before are those of the configuration in use",
            |scene| {
                for configuration in [scene.current.as_mut().unwrap(), &mut scene.candidate] {
                    configuration.routes = routes("/p", "/h");
                }
            },
            &[passed(Routes)],
            &[],
        ),
        (
            "another protocol",
            |scene| scene.candidate.runtime = Runtime::Command,
            &[fails(Routes)],
            &["(Open Inference Protocol); the candidate", "(the program's own)"],
        ),
        (
            "a route to reconfigure is nothing to callers",
            |scene| scene.candidate.routes.reconfigure = Some("/x".to_owned()),
            &[passed(Routes)],
            &[],
        ),
        (
            "other routes for the same model are meant",
            |scene| {
                scene.models = (None, None);
                scene.candidate.routes = routes("/p", "/h");
            },
            &[warns(Routes)],
            &["the candidate answers at /p and /h"],
        ),
        (
            "other routes for a model in place of one that is not registered",
            |scene| {
                scene.models.0 = None;
                scene.candidate.routes = routes("/p", "/h");
            },
            &[fails(Routes)],
            &["/p"],
        ),
        (
            "nothing was there before, so the files are compared",
            |scene| {
                scene.current = None;
                scene.candidate.routes = routes("/p", "/h");
            },
            &[passed(Routes)],
            &[],
        ),
    ];
    hold(rows);
}

#[test]
fn a_route_that_names_the_model() {
    let rows: &[Row<'_>] = &[
        (
            "a model with another name",
            |scene| scene.models.1 = Some("lily@1"),
            &[warns(Routes)],
            &["/v2/models/{model}/infer names the model, so iris becomes lily", "without {model}"],
        ),
        (
            "whatever the route to reconfigure",
            |scene| {
                scene.models.1 = Some("lily@1");
                scene.candidate.routes.reconfigure = Some("/x".to_owned());
            },
            &[warns(Routes)],
            &["iris becomes lily"],
        ),
        (
            "in the health route",
            |scene| {
                scene.models.1 = Some("lily@1");
                for configuration in [scene.current.as_mut().unwrap(), &mut scene.candidate] {
                    configuration.routes = routes("/p", "/{model}/up");
                }
            },
            &[warns(Routes)],
            &["The route /{model}/up names"],
        ),
        (
            "in no route",
            |scene| {
                scene.models.1 = Some("lily@1");
                for configuration in [scene.current.as_mut().unwrap(), &mut scene.candidate] {
                    configuration.routes = routes("/p", "/h");
                }
            },
            &[passed(Routes)],
            &[],
        ),
        (
            "and another protocol, which is worse",
            |scene| {
                scene.models.1 = Some("lily@1");
                scene.candidate.runtime = Runtime::Command;
            },
            &[fails(Routes)],
            &["(the program's own)"],
        ),
        (
            "and another route, which is worse",
            |scene| {
                scene.models.1 = Some("lily@1");
                scene.candidate.routes = routes("/{model}", "/h");
            },
            &[fails(Routes)],
            &["/{model}"],
        ),
    ];
    hold(rows);
}
