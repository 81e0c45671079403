//! Enters a package as the next version of a model (AZ-1): one whose artifact is about to be kept by its digest, or one
//! that runs elsewhere (DR-4).

use domain::access::ServerAction;
use domain::canonical;
use domain::event::Event;
use domain::id::{Digest, ModelVersion};
use domain::model::{CustomPackage, Format, PackageKind, Packing, RegisteredModel, Signature, Tried};
use domain::python::{self, AskedEnvironment};
use domain::visible;
use domain::wire::{ErrorCode, RegisterModel};
use serde_json::json;
use url::Url;

use super::{Act, Refusal, check_text};

/// Most tags or properties, and longest key and value in characters.
const MOST: usize = 64;
const LONGEST: usize = 512;
/// Longest URL in bytes.
const LONGEST_URL: usize = 2_048;
/// Parameters of a URL that name a credential.
const CREDENTIALS: [&str; 9] =
    ["key", "api_key", "apikey", "token", "access_token", "secret", "password", "sig", "signature"];
/// Most words of a command, lines of requirements; longest of each in bytes.
const MOST_WORDS: usize = 256;
const LONGEST_WORD: usize = 8_192;
const LONGEST_LINE: usize = 512;

/// An artifact, and the package that was found in it.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The packing of its bytes.
    pub packing: Packing,
    /// The package in it; none where nobody looked into it because somebody said that it is custom.
    pub package: Option<InspectedPackage>,
}

/// A package as the inspection of its file shows it.
#[derive(Clone, Debug)]
pub struct InspectedPackage {
    /// The kind of package.
    pub kind: PackageKind,
    /// Path of the model inside its folder.
    pub entry: String,
    /// Its inputs and outputs.
    pub signature: Signature,
    /// The outcome of loading it as the runtime that serves it would.
    pub loads: Tried,
    /// The Python environment that it asks for.
    pub environment: Option<AskedEnvironment>,
}

impl InspectedPackage {
    /// A package of which only a person can say what it takes and gives.
    fn unknown(kind: PackageKind) -> Self {
        let signature = Signature { format: Format::Declared, absent: true, ..Signature::default() };
        let why = match kind {
            PackageKind::External => "it runs elsewhere",
            _ => "a program of its own loads it; a check starts that in a scratch replica",
        };
        let loads = Tried::NotTried { why: why.to_owned() };
        Self { kind, entry: String::new(), signature, loads, environment: None }
    }
}

/// Checks what a registration with a file says of it, whatever the file holds.
///
/// # Errors
/// `invalid_field`.
pub fn check_form(request: &RegisterModel) -> Result<(), Refusal> {
    if request.kind == Some(PackageKind::External) || request.url.is_some() {
        let field = if request.url.is_some() { "url" } else { "kind" };
        return Err(Refusal::invalid(
            field,
            "An external package runs elsewhere, so it has a url and no file: send JSON instead of a form, or leave out kind and url.",
        ));
    }
    if request.kind == Some(PackageKind::Custom) {
        return check_custom(request.custom.as_ref());
    }
    if request.custom.is_some() {
        return Err(Refusal::invalid("custom", "Only a custom package says how it is run; add \"kind\":\"custom\"."));
    }
    Ok(())
}

/// Makes the next version from an artifact. Deployments that use an older one are not touched.
///
/// # Errors
/// `invalid_field`; those of the store.
pub fn register_model(
    act: &mut Act<'_, '_>,
    request: RegisterModel,
    artifact: Artifact,
) -> Result<RegisteredModel, Refusal> {
    act.allow_on_server(ServerAction::RegisterModel)?;
    check_form(&request)?;
    let Artifact { digest, size, packing, package } = artifact;
    let found = match (request.kind, package) {
        (Some(PackageKind::Custom), _) => InspectedPackage::unknown(PackageKind::Custom),
        (_, None) => {
            return Err(Refusal::invalid("kind", "Nobody looked into the file, and it is not said to be custom."));
        }
        (Some(said), Some(found)) if said != found.kind => {
            let found = found.kind.title();
            return Err(Refusal::invalid(
                "kind",
                format!(
                    "The file is an {found} package, not {}. Leave kind out, or send the other file.",
                    said.title()
                ),
            ));
        }
        (_, Some(found)) => found,
    };
    enter(act, request, Entered { digest, size, packing, found })
}

/// Makes the next version from a package that runs elsewhere: a URL, and what it takes and gives in somebody's words.
///
/// # Errors
/// `invalid_field`; those of the store.
pub fn register_external(act: &mut Act<'_, '_>, mut request: RegisterModel) -> Result<RegisteredModel, Refusal> {
    act.allow_on_server(ServerAction::RegisterModel)?;
    if request.kind.is_some_and(|kind| kind != PackageKind::External) {
        return Err(Refusal::invalid(
            "kind",
            "Only an external package is registered without a file: send the file in a form, or \"kind\":\"external\" with a url.",
        ));
    }
    if request.custom.is_some() {
        return Err(Refusal::invalid("custom", "An external package runs elsewhere; leave out how it is run."));
    }
    let url = check_url(request.url.as_deref())?;
    let identity = json!({ "url": url.as_str(), "declared": request.declared });
    let digest = canonical::hash(&identity)
        .parse()
        .map_err(|error: domain::id::InvalidId| Refusal::new(ErrorCode::Internal, error.to_string()))?;
    request.url = Some(url.into());
    let found = InspectedPackage::unknown(PackageKind::External);
    enter(act, request, Entered { digest, size: 0, packing: Packing::Nothing, found })
}

struct Entered {
    digest: Digest,
    size: u64,
    packing: Packing,
    found: InspectedPackage,
}

fn enter(act: &mut Act<'_, '_>, request: RegisterModel, entered: Entered) -> Result<RegisteredModel, Refusal> {
    check_text("description", Some(&request.description))?;
    for (field, map) in [("tags", &request.tags), ("properties", &request.properties)] {
        let long = |text: &String| text.chars().count() > LONGEST;
        if map.len() > MOST
            || map.iter().any(|(key, value)| key.is_empty() || visible::hides(key) || long(key) || long(value))
        {
            return Err(Refusal::invalid(
                field,
                format!(
                    "{field} may hold at most {MOST} entries of {LONGEST} characters, with keys that are not empty and hold nothing that is not seen."
                ),
            ));
        }
    }
    let Entered { digest, size, packing, found } = entered;
    let InspectedPackage { kind, entry, mut signature, loads, environment } = found;
    request.declared.fill(&mut signature).map_err(|error| {
        Refusal::invalid(&format!("declared.{}", error.part), format!("declared.{}: {}.", error.part, error.problem))
    })?;
    let version = act.reading().latest_version(&request.name)?.map_or(ModelVersion(1), ModelVersion::next);
    let model = RegisteredModel {
        name: request.name,
        version,
        kind,
        digest,
        size,
        packing,
        entry,
        signature,
        loads: Some(loads),
        custom: request.custom,
        environment,
        url: request.url,
        tags: request.tags,
        properties: request.properties,
        description: request.description,
        registered_at: act.writing.now(),
        registered_by: act.writing.actor().clone(),
    };
    act.writing.append(None, Event::ModelRegistered { model: Box::new(model.clone()) })?;
    Ok(model)
}

fn check_url(url: Option<&str>) -> Result<Url, Refusal> {
    let refuse = |why: &str| Refusal::invalid("url", format!("url {why}; write it as in https://models.example/iris."));
    let text = url.ok_or_else(|| refuse("is missing: an external package is known by where it answers"))?;
    if text.len() > LONGEST_URL {
        return Err(refuse("is longer than 2,048 bytes"));
    }
    let url = Url::parse(text).map_err(|error| refuse(&format!("is no URL ({error})")))?;
    if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
        return Err(refuse("must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("holds a name or password, and everybody can read it here"));
    }
    let names_credential = |key: &str| CREDENTIALS.contains(&key.to_ascii_lowercase().replace('-', "_").as_str());
    if let Some((key, _)) = url.query_pairs().find(|(key, _)| names_credential(key)) {
        return Err(refuse(&format!("holds a secret in its query ({key}=…), and everybody can read it here")));
    }
    if url.fragment().is_some() {
        return Err(refuse("holds a fragment (#…), which no server sees"));
    }
    Ok(url)
}

fn check_custom(custom: Option<&CustomPackage>) -> Result<(), Refusal> {
    let refuse = |field: &str, why: &str| Err(Refusal::invalid(field, format!("{field}: {why}.")));
    let Some(custom) = custom.filter(|custom| !custom.command.is_empty()) else {
        return refuse(
            "custom.command",
            "a custom package needs a command, for example [\"python3\",\"{model}/serve.py\",\"--port\",\"{port}\"]",
        );
    };
    let long = |word: &String| word.len() > LONGEST_WORD || word.contains('\0');
    if custom.command.len() > MOST_WORDS || custom.command[0].is_empty() || custom.command.iter().any(long) {
        return refuse("custom.command", "at most 256 words of 8,192 bytes, the first of them not empty");
    }
    let wrong = |line: &String| line.len() > LONGEST_LINE || line.chars().any(|c| c.is_control() && c != '\t');
    if custom.requirements.len() > MOST_WORDS || custom.requirements.iter().any(wrong) {
        return refuse("custom.requirements", "at most 256 lines of 512 bytes, each a package as in numpy==2.1.0");
    }
    if let Err(problem) = python::list(&custom.requirements) {
        return refuse("custom.requirements", &problem);
    }
    for (field, route) in [("custom.predict", &custom.predict), ("custom.health", &custom.health)] {
        let wrong = |route: &String| {
            !route.starts_with('/')
                || route.len() > LONGEST_LINE
                || route.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        if route.as_ref().is_some_and(wrong) {
            return refuse(field, "a route begins with '/' and holds at most 512 bytes without spaces");
        }
    }
    Ok(())
}
