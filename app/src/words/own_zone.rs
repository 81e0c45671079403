//! Times as the clocks where the reader is show them. The browser knows their zone, so its `Date` is asked: the database of
//! all zones is for the pages that show others, and weighs more than most pages.

use jiff::Timestamp;
use jiff::civil::DateTime;
use wasm_bindgen::JsValue;
use web_sys::js_sys::{Array, Date, Intl, Object, Reflect};

use super::civil;
use super::zones::place;

/// The name of the zone of the reader's browser; UTC where it tells none.
pub(crate) fn name() -> String {
    let told = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    Reflect::get(&told, &JsValue::from_str("timeZone"))
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or("UTC".to_owned())
}

/// The reader's local time then.
pub(crate) fn civil(at: Timestamp) -> DateTime {
    let date = Date::new(&JsValue::from_f64(at.as_millisecond() as f64));
    let small = |number: u32| i8::try_from(number).unwrap_or_default();
    let told = DateTime::new(
        i16::try_from(date.get_full_year()).unwrap_or_default(),
        small(date.get_month() + 1),
        small(date.get_date()),
        small(date.get_hours()),
        small(date.get_minutes()),
        small(date.get_seconds()),
        0,
    );
    told.unwrap_or_default()
}

/// `Sun 6 Dec, 22:00`
pub(crate) fn moment(at: Timestamp) -> String {
    civil::moment(civil(at))
}

/// `Sun 6 Dec, 22:00 (Berlin)`
pub(crate) fn moment_and_place(at: Timestamp) -> String {
    format!("{} ({})", moment(at), place(&name()))
}

/// `Sun 22:00`, for what is less than a week away.
pub(crate) fn soon(at: Timestamp) -> String {
    civil::soon(civil(at))
}
