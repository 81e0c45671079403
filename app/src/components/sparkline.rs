//! The last hour at a glance.

use leptos::prelude::*;

const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 22.0;

/// A line through `values`, oldest first; the lowest possible value is 0.
#[component]
pub(crate) fn Sparkline(#[prop(into)] values: Signal<Vec<u64>>, #[prop(into)] bad: Signal<bool>) -> impl IntoView {
    let points = Memo::new(move |_| values.with(|values| line(values)));
    let label = move || {
        let highest = values.with(|values| values.iter().max().copied().unwrap_or(0));
        format!("Requests in the last hour: at most {highest} in a minute")
    };
    view! {
        <svg class="sparkline" class:bad=bad viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>
            <polyline points=points></polyline>
        </svg>
    }
}

fn line(values: &[u64]) -> String {
    let highest = values.iter().max().copied().unwrap_or(0).max(1) as f64;
    let last = values.len().saturating_sub(1).max(1) as f64;
    let point = |(i, value): (usize, &u64)| {
        format!("{:.1},{:.1}", i as f64 / last * WIDTH, HEIGHT - 1.5 - *value as f64 / highest * (HEIGHT - 3.0))
    };
    values.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_value_is_at_the_top_and_none_at_the_bottom() {
        assert_eq!(line(&[0, 5, 10]), "0.0,20.5 48.0,11.0 96.0,1.5");
        assert_eq!(line(&[0, 0]), "0.0,20.5 96.0,20.5");
        assert_eq!(line(&[]), "");
    }
}
