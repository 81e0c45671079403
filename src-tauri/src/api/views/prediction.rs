//! The input that a deployment takes, its application, and a request to it as the gateway takes it (DR-15).

use domain::action::Action;
use domain::built_in::BuiltInConfig;
use domain::configuration::{Configuration, Runtime, Sample};
use domain::credential;
use domain::ledger::Deployment;
use domain::model::{PackageKind, RegisteredModel, sample_within};
use domain::prediction::InputForm;
use domain::secret::Secret;
use domain::wire::{ApplicationView, AskPrediction, ErrorCode, InputView};
use jiff::SignedDuration;
use serde_json::Value;

use super::Views;
use crate::api::GatewayCall;
use crate::commands::Refusal;

/// Most elements of an example that is made: more are no example to read.
const MOST_ELEMENTS: u64 = 4_096;
/// Largest example, as text.
const LARGEST_EXAMPLE: usize = 64 << 10;
/// Longest path of a request.
const LONGEST_PATH: usize = 2_000;
/// The time for which a token is good that is made for one request.
const TOKEN_LASTS: SignedDuration = SignedDuration::from_secs(120);

impl Views<'_> {
    /// The input that a deployment takes, and where.
    pub(crate) fn input(&self, name_or_id: &str) -> Result<InputView, Refusal> {
        let row = self.moment.find_for(name_or_id, Action::Predict.needs())?;
        let configuration = self.used_by(&row)?.configuration;
        let model = self.bound(&configuration)?;
        let runs_elsewhere = configuration.runtime == Runtime::External;
        let elsewhere = model.as_ref().and_then(|model| model.url.clone()).filter(|_| runs_elsewhere);
        Ok(InputView {
            url: elsewhere.unwrap_or_else(|| self.url(&row.name)),
            runs_elsewhere,
            status: row.status,
            target_status: row.target_status,
            path: predict_path(&configuration, model.as_ref()),
            form: model.as_ref().and_then(|model| form(&configuration, model)),
            example: example(&configuration, model.as_ref()),
            deployment: row.name,
        })
    }

    /// A request to a deployment, as the gateway takes it.
    pub(crate) fn gateway_call(&self, name_or_id: &str, asked: AskPrediction) -> Result<GatewayCall, Refusal> {
        let row = self.moment.find_for(name_or_id, Action::Predict.needs())?;
        let configuration = self.used_by(&row)?.configuration;
        let model = self.bound(&configuration)?;
        if configuration.runtime == Runtime::External {
            let url = model.and_then(|model| model.url).unwrap_or_default();
            let detail = format!("{} runs elsewhere and answers there: send requests to {url}.", row.name);
            return Err(Refusal::new(ErrorCode::RunsElsewhere, detail));
        }
        let path = asked.path.unwrap_or_else(|| predict_path(&configuration, model.as_ref()));
        let is_printed = |c: char| c.is_ascii_graphic() && c != '#';
        if !path.starts_with('/') || path.len() > LONGEST_PATH || !path.chars().all(is_printed) {
            let rule = "it begins with / and has at most 2,000 characters, spaces and others written as %20";
            return Err(Refusal::invalid("path", format!("path: this is no path below an inference URL: {rule}.")));
        }
        // What the gateway asks for may change meanwhile: it takes either, and passes none on.
        let secrets = self.moment.reading.secrets(&row.id)?;
        let credentials = secrets.map(|secrets| {
            let token = credential::sign_token(secrets.tokens.as_bytes(), self.now() + TOKEN_LASTS);
            (Secret::new(token), Secret::new(secrets.primary))
        });
        let path = format!("/{}{path}", row.name);
        let most_bytes = self.api.bounds.prediction_bytes;
        Ok(GatewayCall { path, method: asked.method, body: asked.body, credentials, most_bytes })
    }

    /// The application of a deployment.
    pub(crate) fn application(&self, name_or_id: &str) -> Result<ApplicationView, Refusal> {
        let row = self.moment.find_for(name_or_id, Action::Predict.needs())?;
        self.application_of(row)
    }

    fn application_of(&self, row: Deployment) -> Result<ApplicationView, Refusal> {
        let no_such = || Refusal::new(ErrorCode::NotFound, format!("{} has no application.", row.name));
        let application = self.moment.reading.application(&row.id)?.ok_or_else(no_such)?;
        let rights = self.moment.rights()?;
        let may = |action: Action| {
            let on = self.moment.rights_for(&rights, &row, action)?;
            Ok::<_, Refusal>(on.allow(action.needs()).is_ok())
        };
        let (may_change, may_open) = (may(Action::ManageApplication)?, may(Action::Open)?);
        Ok(ApplicationView {
            terms: application.terms,
            made_by: Some(application.made_by).filter(|_| may_open),
            made_at: application.made_at,
            may_change,
            deployment: row.name,
        })
    }

    /// The model that a configuration binds, if it is registered.
    fn bound(&self, configuration: &Configuration) -> Result<Option<RegisteredModel>, Refusal> {
        let bound = configuration.models.first().map(|bound| self.moment.reading.model(bound)).transpose()?;
        Ok(bound.flatten())
    }
}

/// The path below the URL that takes requests for predictions.
fn predict_path(configuration: &Configuration, model: Option<&RegisteredModel>) -> String {
    if configuration.runtime == Runtime::External {
        return String::new();
    }
    let route = configuration.serving_routes(model.and_then(|model| model.custom.as_ref())).predict;
    configuration.models.first().map_or(route.clone(), |bound| route.replace("{model}", bound.name.as_str()))
}

fn form(configuration: &Configuration, model: &RegisteredModel) -> Option<InputForm> {
    // Only the built-in runtime reads these.
    let built_in = configuration.runtime == Runtime::Onnx;
    let own = BuiltInConfig::read(&configuration.user_config).ok().filter(|_| built_in).unwrap_or_default();
    let form = InputForm::of(&model.signature, model.kind, configuration.runtime, own.batch_limit)?;
    Some(match own.labels {
        Some(classes) => InputForm { classes, ..form },
        None => form,
    })
}

/// The body of an example request.
fn example(configuration: &Configuration, model: Option<&RegisteredModel>) -> Option<Value> {
    let made = || {
        let model =
            model.filter(|model| !(configuration.runtime == Runtime::Onnx && model.kind == PackageKind::Mlflow))?;
        let made = sample_within(&model.signature, configuration.runtime, &model.reference(), MOST_ELEMENTS)?;
        Some(made.body)
    };
    let body = match &configuration.sample_request {
        Sample::Body(body) => Some(body.clone()),
        _ => made(),
    };
    body.filter(|body| body.to_string().len() <= LARGEST_EXAMPLE)
}
