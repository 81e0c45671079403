//! The checks of a configuration beyond the types of its fields.

use super::{Configuration, Environment, InvalidConfiguration, ReplicaCount, Runtime, Sample};
use crate::built_in::BuiltInConfig;
use crate::{python, visible};

impl Configuration {
    /// Checks what the types cannot say, and fills in a missing name.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn checked(mut self) -> Result<Self, InvalidConfiguration> {
        let fail = |field, problem: String| Err(InvalidConfiguration { field, problem });
        match self.runtime {
            Runtime::Command if self.command.as_ref().is_none_or(Vec::is_empty) => {
                return fail(
                    "command",
                    "the runtime command needs a program, for example [\"python3\",\"serve.py\",\"--port\",\"{port}\"]"
                        .to_owned(),
                );
            }
            Runtime::Command => {}
            other if self.models.len() != 1 => {
                return fail(
                    "models",
                    format!("the runtime {} serves exactly one model, {} are named", other.as_str(), self.models.len()),
                );
            }
            _ if self.command.is_some() => {
                return fail(
                    "command",
                    "only the runtime command starts a program; set \"runtime\":\"command\"".to_owned(),
                );
            }
            _ => {}
        }
        self.check_scale()?;
        self.check_environment()?;
        if self.runtime == Runtime::Onnx {
            BuiltInConfig::read(&self.user_config)
                .map_err(|problem| InvalidConfiguration { field: "user_config", problem })?;
        }
        if self.models.len() > 16 {
            return fail("models", "at most 16 models can be bound".to_owned());
        }
        if self.name.is_empty() {
            self.name = match self.models.as_slice() {
                [] => self.command.iter().flatten().next().cloned().unwrap_or_default(),
                models => models.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            };
            self.name.truncate(self.name.char_indices().nth(128).map_or(self.name.len(), |(at, _)| at));
        }
        let texts = [("name", Some(&self.name)), ("version", self.version.as_ref())];
        for (field, text) in texts {
            if text.is_some_and(|text| text.chars().count() > 128 || visible::hides(text)) {
                return fail(field, "at most 128 characters, all of them to be seen".to_owned());
            }
        }
        if self.env.len() > 256
            || self.env.iter().any(|(key, value)| !variable(key) || value.len() > 32_768 || value.contains('\0'))
        {
            return fail("env", "at most 256 variables; names are letters, digits and '_' and do not begin with a digit or CHANGEOVER_; values hold at most 32,768 bytes".to_owned());
        }
        if self.command.iter().flatten().any(|word| word.len() > 8_192 || word.contains('\0'))
            || self.command.as_ref().is_some_and(|c| c.len() > 256)
        {
            return fail("command", "at most 256 words of 8,192 bytes".to_owned());
        }
        if self.user_config.to_string().len() > 65_536 {
            return fail("user_config", "at most 65,536 bytes".to_owned());
        }
        self.check_sample()?;
        if self.runtime != Runtime::Command && self.routes.reconfigure.is_some() {
            return fail(
                "routes.reconfigure",
                "only a program of the runtime command has a route for that; leave it out".to_owned(),
            );
        }
        let routes = [
            ("routes.predict", Some(&self.routes.predict)),
            ("routes.health", Some(&self.routes.health)),
            ("routes.reconfigure", self.routes.reconfigure.as_ref()),
        ];
        for (field, route) in routes.into_iter().filter_map(|(field, route)| Some((field, route?))) {
            if !route.starts_with('/')
                || route.len() > 512
                || route.chars().any(|c| c.is_whitespace() || c.is_control())
            {
                return fail(
                    field,
                    "a route begins with '/' and holds at most 512 characters without spaces".to_owned(),
                );
            }
        }
        let amounts = [
            ("resources.cpu", self.resources.cpu, 0.0, 1024.0),
            ("resources.memory_gb", self.resources.memory_gb, 0.0, 4096.0),
        ];
        for (field, amount, above, most) in amounts {
            if !(amount > above && amount <= most) {
                return fail(field, format!("{amount} is out of range: above {above}, at most {most}"));
            }
        }
        if !(0.0..=64.0).contains(&self.resources.gpu) {
            return fail("resources.gpu", format!("{} is out of range: 0 to 64", self.resources.gpu));
        }
        let limits = [
            ("resources.cpu_limit", self.resources.cpu_limit, self.resources.cpu, 1024.0),
            ("resources.memory_gb_limit", self.resources.memory_gb_limit, self.resources.memory_gb, 4096.0),
        ];
        for (field, limit, request, most) in limits {
            if limit.is_some_and(|limit| !(limit >= request && limit <= most)) {
                let limit = limit.unwrap_or_default();
                return fail(
                    field,
                    format!("{limit} is out of range: at least what is requested ({request}), at most {most}"),
                );
            }
        }
        for (field, value, least, most) in [
            ("scoring_timeout_ms", self.scoring_timeout_ms, 1, 3_600_000),
            ("drain_seconds", self.drain_seconds.unwrap_or(1), 1, 86_400),
            ("max_concurrent_requests", self.max_concurrent_requests, 1, 100_000),
            ("max_queue_ms", self.max_queue_ms, 0, 600_000),
            ("reconfigure.timeout_seconds", self.reconfigure.timeout_seconds, 1, 3_600),
            ("reconfigure.attempts", self.reconfigure.attempts, 1, 100),
            ("liveness.period_seconds", self.liveness.period_seconds, 1, 3_600),
            ("liveness.initial_delay_seconds", self.liveness.initial_delay_seconds, 0, 86_400),
            ("liveness.timeout_seconds", self.liveness.timeout_seconds, 1, 600),
            ("liveness.success_threshold", self.liveness.success_threshold, 1, 100),
            ("liveness.failure_threshold", self.liveness.failure_threshold, 1, 100),
        ] {
            if !(least..=most).contains(&value) {
                return fail(field, format!("{value} is out of range: {least} to {most}"));
            }
        }
        Ok(self)
    }

    /// Replicas or autoscaling, never both (AZ-3); one replica when neither is sent.
    fn check_scale(&mut self) -> Result<(), InvalidConfiguration> {
        match (&self.autoscaling, self.replicas) {
            (Some(_), Some(_)) => Err(InvalidConfiguration {
                field: "autoscaling",
                problem: "either replicas or autoscaling can be set, not both; set the other one to null".to_owned(),
            }),
            (Some(autoscaling), None) => autoscaling.check(),
            (None, Some(_)) => Ok(()),
            (None, None) => {
                self.replicas = Some(ReplicaCount(1));
                Ok(())
            }
        }
    }

    fn check_sample(&self) -> Result<(), InvalidConfiguration> {
        let Sample::Body(body) = &self.sample_request else { return Ok(()) };
        let problem = if self.runtime == Runtime::External {
            "a model that runs elsewhere is asked nothing; leave it out"
        } else if body.to_string().len() > 65_536 {
            "at most 65,536 bytes"
        } else if self.models.is_empty() && self.routes.predict.contains("{model}") {
            "it goes to routes.predict, which names a model, and none is bound; say another route"
        } else {
            return Ok(());
        };
        Err(InvalidConfiguration { field: "sample_request", problem: problem.to_owned() })
    }

    fn check_environment(&self) -> Result<(), InvalidConfiguration> {
        let fail = |field, problem: &str| Err(InvalidConfiguration { field, problem: problem.to_owned() });
        if matches!(self.runtime, Runtime::Onnx | Runtime::External) && self.environment != Environment::default() {
            return fail(
                "environment",
                "only runtimes that start a program have an environment; the built-in one needs none",
            );
        }
        let requirements = self.environment.python.iter().flat_map(|python| &python.requirements);
        if requirements.clone().count() > 256
            || requirements
                .clone()
                .any(|line| line.is_empty() || line.len() > 512 || line.chars().any(|c| c.is_control() && c != '\t'))
        {
            return fail("environment.python.requirements", "at most 256 lines of 512 characters, none of them empty");
        }
        if let Some(python) = &self.environment.python {
            python::list(&python.requirements)
                .map_err(|problem| InvalidConfiguration { field: "environment.python.requirements", problem })?;
        }
        let folder = self.environment.working_directory.as_deref();
        if folder.is_some_and(|folder| !folder.starts_with('/') || folder.len() > 4_096 || folder.contains('\0')) {
            return fail("environment.working_directory", "an absolute path of at most 4,096 bytes");
        }
        Ok(())
    }
}

fn variable(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 256
        && !name.starts_with("CHANGEOVER_")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.as_bytes()[0].is_ascii_digit()
}
