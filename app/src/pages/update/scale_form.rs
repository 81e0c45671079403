//! The replicas of a new configuration: their number or its limits, and the resources of each.

use domain::configuration::{Autoscaling, Configuration};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::components::{Choice, Field};

/// A number as text, and the value that it makes.
#[derive(Clone, Copy)]
pub(super) struct Number {
    text: RwSignal<String>,
    read: Memo<Result<Value, String>>,
}

impl Number {
    /// A whole number.
    pub(super) fn whole(value: impl ToString) -> Self {
        let text = RwSignal::new(value.to_string());
        let read = Memo::new(move |_| {
            text.get().trim().parse::<u64>().map(Value::from).map_err(|_| "Write a whole number".to_owned())
        });
        Self { text, read }
    }

    /// An amount with a fraction.
    fn amount(value: f64) -> Self {
        let text = RwSignal::new(value.to_string());
        Self { text, read: Memo::new(move |_| fraction(&text.get())) }
    }

    /// An amount, or nothing.
    fn limit(value: Option<f64>) -> Self {
        let text = RwSignal::new(value.map(|value| value.to_string()).unwrap_or_default());
        let read = Memo::new(move |_| match text.get().trim() {
            "" => Ok(Value::Null),
            text => fraction(text),
        });
        Self { text, read }
    }

    /// The number, where it is one.
    pub(super) fn get(self) -> Option<Value> {
        self.read.get().ok()
    }

    fn error(self) -> Signal<Option<String>> {
        Signal::derive(move || self.read.get().err())
    }
}

fn fraction(text: &str) -> Result<Value, String> {
    let number: f64 = text.trim().parse().map_err(|_| "Write a number".to_owned())?;
    if number.is_finite() { Ok(Value::from(number)) } else { Err("Write a number".to_owned()) }
}

/// A number with its label.
#[component]
pub(super) fn NumberField(
    label: &'static str,
    name: &'static str,
    number: Number,
    #[prop(default = "short")] class: &'static str,
    #[prop(optional)] placeholder: &'static str,
) -> impl IntoView {
    view! { <Field label=label name=name value=number.text error=number.error() class=class inputmode="decimal" placeholder=placeholder/> }
}

const FIXED: &str = "fixed";
const AUTOMATIC: &str = "automatic";

/// Replicas, or autoscaling (AZ-3), and resources (RAY-5).
#[derive(Clone, Copy)]
pub(super) struct Scale {
    how: RwSignal<String>,
    replicas: Number,
    min: Number,
    max: Number,
    target: Number,
    up: Number,
    down: Number,
    refresh_seconds: u32,
    cpu: Number,
    memory: Number,
    gpu: Number,
    cpu_limit: Number,
    memory_limit: Number,
}

impl Scale {
    /// As in a configuration.
    pub(super) fn of(configuration: &Configuration) -> Self {
        let how = if configuration.autoscaling.is_some() { AUTOMATIC } else { FIXED };
        let desired = configuration.desired(None);
        let usual = Autoscaling { min_replicas: desired.min(10), ..Autoscaling::default() };
        let automatic = configuration.autoscaling.unwrap_or(usual);
        let resources = configuration.resources;
        Self {
            how: RwSignal::new(how.to_owned()),
            replicas: Number::whole(desired),
            min: Number::whole(automatic.min_replicas),
            max: Number::whole(automatic.max_replicas),
            target: Number::whole(automatic.target_percent),
            up: Number::whole(automatic.up_delay_seconds),
            down: Number::whole(automatic.down_delay_seconds),
            refresh_seconds: automatic.refresh_seconds,
            cpu: Number::amount(resources.cpu),
            memory: Number::amount(resources.memory_gb),
            gpu: Number::amount(resources.gpu),
            cpu_limit: Number::limit(resources.cpu_limit),
            memory_limit: Number::limit(resources.memory_gb_limit),
        }
    }

    fn is_automatic(self) -> bool {
        self.how.get() == AUTOMATIC
    }

    /// `replicas`, `autoscaling` and `resources`; `None` while a number is none.
    pub(super) fn fields(self) -> Option<(Value, Value, Value)> {
        let (replicas, autoscaling) = if self.is_automatic() {
            let autoscaling = json!({
                "min_replicas": self.min.get()?,
                "max_replicas": self.max.get()?,
                "refresh_seconds": self.refresh_seconds,
                "target_percent": self.target.get()?,
                "up_delay_seconds": self.up.get()?,
                "down_delay_seconds": self.down.get()?,
            });
            (Value::Null, autoscaling)
        } else {
            (self.replicas.get()?, Value::Null)
        };
        let resources = json!({
            "cpu": self.cpu.get()?,
            "memory_gb": self.memory.get()?,
            "gpu": self.gpu.get()?,
            "cpu_limit": self.cpu_limit.get()?,
            "memory_gb_limit": self.memory_limit.get()?,
        });
        Some((replicas, autoscaling, resources))
    }
}

/// The fields.
#[component]
pub(super) fn ScaleFields(scale: Scale) -> impl IntoView {
    let options = vec![
        (FIXED.to_owned(), "a fixed number".to_owned()),
        (AUTOMATIC.to_owned(), "as many as requests need".to_owned()),
    ];
    view! {
        <div class="form">
            <Choice label="How many replicas" name="scaling" options=options value=scale.how on_choose=move |value| scale.how.set(value)/>
            <Show
                when=move || scale.is_automatic()
                fallback=move || view! { <NumberField label="Replicas" name="replicas" number=scale.replicas class="tiny"/> }
            >
                <NumberField label="At least" name="min_replicas" number=scale.min class="tiny"/>
                <NumberField label="At most" name="max_replicas" number=scale.max class="tiny"/>
                <NumberField label="Utilization (%)" name="target_percent" number=scale.target class="tiny"/>
                <NumberField label="Up after (s)" name="up_delay_seconds" number=scale.up class="tiny"/>
                <NumberField label="Down after (s)" name="down_delay_seconds" number=scale.down class="tiny"/>
            </Show>
        </div>
        <div class="form">
            <NumberField label="CPU cores" name="cpu" number=scale.cpu class="tiny"/>
            <NumberField label="CPU limit" name="cpu_limit" number=scale.cpu_limit class="tiny" placeholder="no limit"/>
            <NumberField label="Memory (GB)" name="memory_gb" number=scale.memory class="tiny"/>
            <NumberField label="Memory limit (GB)" name="memory_gb_limit" number=scale.memory_limit class="tiny" placeholder="no limit"/>
            <NumberField label="GPUs" name="gpu" number=scale.gpu class="tiny"/>
        </div>
    }
}
