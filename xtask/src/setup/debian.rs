//! Debian packages that tests, the window and the benchmarks need. Only missing ones are installed.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::outcome::Outcome;
use crate::program;

/// A package, and where there is one the program that makes it unnecessary, wherever that came from.
pub(super) struct Package(&'static str, Option<&'static str>);

/// To build the desktop window.
pub(super) const WINDOW: &[Package] =
    &[Package("libwebkit2gtk-4.1-dev", None), Package("libgtk-3-dev", None), Package("librsvg2-dev", None)];

/// To drive a browser and the desktop window in tests, without a screen.
pub(super) const DRIVERS: &[Package] = &[
    Package("chromium", Some("chromium")),
    Package("chromium-driver", Some("chromedriver")),
    Package("webkit2gtk-driver", Some("WebKitWebDriver")),
    Package("xvfb", Some("Xvfb")),
];

const NGINX: Package = Package("nginx-light", Some("nginx"));

/// The proxy that tests put in front of the server, as the README recommends.
pub(super) const PROXY: &[Package] = &[NGINX];

/// The proxies that the gateway is measured against.
pub(super) const PROXIES: &[Package] = &[NGINX, Package("haproxy", Some("haproxy"))];

pub(super) fn ensure(packages: &[Package]) -> Result<Outcome> {
    let missing = missing(packages)?;
    if missing.is_empty() {
        return Ok(Outcome::AlreadyThere);
    }
    let names = missing.join(" ");
    if !program::on_path("apt-get") {
        bail!(
            "this is not Debian or Ubuntu: install what your system calls the Debian packages {names}, and run this again"
        );
    }
    if missing.iter().any(|name| name.starts_with("chromium")) && is_ubuntu() {
        bail!(
            "Ubuntu has Chromium only as a snap, which set-up does not install. Run `sudo snap install chromium && \
             sudo ln -s /snap/bin/chromium.chromedriver /usr/local/bin/chromedriver`, or put any chromium and its \
             matching chromedriver on the PATH, and run this again"
        );
    }
    let by_hand = format!("sudo apt-get update && sudo apt-get install --no-install-recommends {names}");
    let Some(mut update) = as_root() else {
        bail!("{names} must be installed, which needs root. Run `{by_hand}`, and run this again");
    };
    println!("  {:<20} installing {names}", "Debian packages");
    let mend = format!("Check the network connection, or run `{by_hand}` yourself.");
    program::output(update.args(["apt-get", "update"]), &mend).context("the list of packages could not be read")?;
    let Some(mut install) = as_root() else { bail!("root was lost while installing; run `{by_hand}`") };
    install.args(["apt-get", "install", "-y", "-q", "--no-install-recommends"]).args(&missing);
    program::output(&mut install, &mend).context("the packages could not be installed")?;
    Ok(Outcome::Done(format!("installed {names}")))
}

/// The start of a command line that runs as root without asking, where that is possible.
fn as_root() -> Option<Command> {
    let root = program::output(Command::new("id").arg("-u"), "").is_ok_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new("env")
    } else if program::succeeds(Command::new("sudo").args(["-n", "true"])) {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "env"]);
        sudo
    } else {
        return None;
    };
    command.arg("DEBIAN_FRONTEND=noninteractive");
    Some(command)
}

fn missing(packages: &[Package]) -> Result<Vec<&'static str>> {
    let wanted = packages.iter().filter(|Package(_, program)| !program.is_some_and(program::on_path));
    let names: Vec<&'static str> = wanted.map(|Package(name, _)| *name).collect();
    if names.is_empty() || !program::on_path("dpkg-query") {
        return Ok(names);
    }
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${Package} ${db:Status-Status}\n"]).args(&names);
    // It fails when one of them is unknown, and still lists the others.
    let listed = query.output().context("dpkg-query could not be started")?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(names.into_iter().filter(|name| !is_installed(&listed, name)).collect())
}

fn is_installed(listed: &str, name: &str) -> bool {
    listed.lines().any(|line| line.split_once(' ') == Some((name, "installed")))
}

fn is_ubuntu() -> bool {
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    system.lines().any(|line| line == "ID=ubuntu" || line.starts_with("ID_LIKE=") && line.contains("ubuntu"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count() {
        let listed = "xvfb installed\nlibgtk-3-dev config-files\nxvfb-extra installed\n";
        assert!(is_installed(listed, "xvfb"));
        assert!(!is_installed(listed, "libgtk-3-dev") && !is_installed(listed, "chromium"));
    }

    #[test]
    fn a_program_on_the_path_makes_its_package_unnecessary() {
        assert_eq!(missing(&[Package("no-such-package-here", Some("sh"))]).unwrap(), [] as [&str; 0]);
        assert_eq!(missing(&[Package("no-such-package-here", None)]).unwrap(), ["no-such-package-here"]);
    }
}
