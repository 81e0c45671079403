//! Time zones by their names, from the database that is part of the program.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A name that no time zone has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no time zone; use a name of the IANA database, for example Europe/Berlin or UTC")]
pub struct UnknownZone(String);

/// Longest piece of a wrong name that the sentence repeats, in characters.
const ECHO: usize = 80;

/// The time zone of this name, spelt as in the IANA database: `Europe/Berlin`.
///
/// # Errors
/// No time zone is called so.
pub fn time_zone(name: &str) -> Result<TimeZone, UnknownZone> {
    // A system may have no zone files, or older ones; the same freeze would then begin at another time there.
    let found = TimeZoneDatabase::bundled().get(name).ok();
    found
        .filter(|zone| !zone.is_unknown() && zone.iana_name() == Some(name))
        .ok_or_else(|| UnknownZone(name.chars().take(ECHO).collect()))
}

#[cfg(test)]
mod tests {
    use super::time_zone;

    #[test]
    fn zones_are_known_by_their_exact_names() {
        for name in ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Calcutta", "America/Argentina/Buenos_Aires"] {
            assert_eq!(time_zone(name).unwrap().iana_name(), Some(name));
        }
        for name in ["", "utc", "europe/berlin", "Europe/Bonn", "CEST+1", "Etc/Unknown", "../UTC", "+02:00"] {
            let unknown = time_zone(name).unwrap_err().to_string();
            assert!(unknown.starts_with(&format!("\"{name}\" is no time zone")), "{unknown}");
        }
        assert!(time_zone(&"x".repeat(5_000)).unwrap_err().to_string().len() < 200);
    }
}
