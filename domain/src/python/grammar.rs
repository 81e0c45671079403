//! The form of a requirement by name, as pip reads it: a name, extras, versions, a marker. What pip refuses here makes it
//! refuse every other line too.

/// Variables that a marker may ask for.
const VARIABLES: [&str; 18] = [
    "python_version",
    "python_full_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
];
/// Signs that compare, each before those that it begins with.
const SIGNS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// True for a name with extras, versions and a marker, and nothing else.
pub(super) fn is_package(text: &str) -> bool {
    let mut rest = Rest(text.trim());
    rest.package().is_some() && rest.0.is_empty()
}

/// The text that is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn blanks(&mut self) -> &mut Self {
        self.0 = self.0.trim_start();
        self
    }

    fn eats(&mut self, start: &str) -> bool {
        let rest = self.0.strip_prefix(start);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn run(&mut self, of: impl Fn(char) -> bool) -> &'a str {
        let (run, rest) = self.0.split_at(self.0.find(|c| !of(c)).unwrap_or(self.0.len()));
        self.0 = rest;
        run
    }

    fn sign(&mut self) -> Option<&'static str> {
        SIGNS.into_iter().find(|sign| self.eats(sign))
    }

    fn identifier(&mut self) -> Option<&'a str> {
        let ends = |name: &str| name.starts_with(is_letter) && name.ends_with(is_letter);
        Some(self.run(|c| is_letter(c) || "-_.".contains(c))).filter(|name| ends(name))
    }

    fn package(&mut self) -> Option<()> {
        self.identifier()?;
        if self.blanks().eats("[") && !self.blanks().eats("]") {
            self.identifier()?;
            while self.blanks().eats(",") {
                self.blanks().identifier()?;
            }
            self.eats("]").then_some(())?;
        }
        let within = self.blanks().eats("(");
        while let Some(sign) = self.blanks().sign() {
            let version = match sign {
                "===" => self.blanks().run(|c| !c.is_whitespace() && !",;)".contains(c)),
                _ => self.blanks().run(|c| is_letter(c) || ".*+!-_".contains(c)),
            };
            is_version(sign, version).then_some(())?;
            // The last may be followed by a comma too.
            if !self.blanks().eats(",") {
                break;
            }
        }
        if within {
            self.blanks().eats(")").then_some(())?;
        }
        if self.blanks().eats(";") { self.marker() } else { Some(()) }
    }

    fn marker(&mut self) -> Option<()> {
        let mut open = 0_u32;
        loop {
            while self.blanks().eats("(") {
                open += 1;
            }
            self.operand()?;
            match self.blanks().sign() {
                Some(_) => {}
                None => match self.run(is_letter) {
                    "in" => {}
                    "not" if self.blanks().run(is_letter) == "in" => {}
                    _ => return None,
                },
            }
            self.operand()?;
            while open > 0 && self.blanks().eats(")") {
                open -= 1;
            }
            match self.blanks().run(is_letter) {
                "and" | "or" => {}
                "" if open == 0 => return Some(()),
                _ => return None,
            }
        }
    }

    /// A text in quotes, or a variable.
    fn operand(&mut self) -> Option<()> {
        for quote in ['\'', '"'] {
            if self.blanks().eats(quote.encode_utf8(&mut [0; 4])) {
                self.run(|c| c != quote);
                return self.eats(quote.encode_utf8(&mut [0; 4])).then_some(());
            }
        }
        VARIABLES.contains(&self.run(|c| is_letter(c) || "_.".contains(c))).then_some(())
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// True for a version that may stand behind this sign.
fn is_version(sign: &str, version: &str) -> bool {
    if sign == "===" {
        return !version.is_empty();
    }
    let version = version.to_ascii_lowercase();
    let mut rest = Rest(version.strip_prefix('v').unwrap_or(&version));
    let digit = |c: char| c.is_ascii_digit();
    let mut numbers = 1;
    if rest.run(digit).is_empty() || rest.eats("!") && rest.run(digit).is_empty() {
        return false;
    }
    while let Some(more) = rest.0.strip_prefix('.').filter(|more| more.starts_with(digit)) {
        rest = Rest(more);
        rest.run(digit);
        numbers += 1;
    }
    let exact = sign == "==" || sign == "!=";
    if exact && rest.0 == ".*" {
        return true;
    }
    rest.part(&["alpha", "beta", "preview", "pre", "a", "b", "c", "rc"]);
    match rest.0.strip_prefix('-').filter(|number| number.starts_with(digit)) {
        Some(number) => {
            rest = Rest(number);
            rest.run(digit);
        }
        None => rest.part(&["post", "rev", "r"]),
    }
    rest.part(&["dev"]);
    let local = rest.0.strip_prefix('+').filter(|_| exact).map(|local| local.split(['-', '_', '.']));
    let local = local.map(|mut parts| parts.all(|part| !part.is_empty() && part.chars().all(is_letter)));
    local.unwrap_or(rest.0.is_empty()) && (sign != "~=" || numbers > 1)
}

impl Rest<'_> {
    /// A word of a version with its number, each behind a mark or none; nothing where it does not follow.
    fn part(&mut self, words: &[&str]) {
        let mark = ['-', '_', '.'];
        let word = self.0.strip_prefix(mark).unwrap_or(self.0);
        let Some(rest) = words.iter().find_map(|start| word.strip_prefix(start)) else { return };
        self.0 = rest.strip_prefix(mark).unwrap_or(rest).trim_start_matches(|c: char| c.is_ascii_digit());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_where_pip_takes_it() {
        for text in [
            "a",
            "a[]",
            "a [x,y_z] >=1",
            "a ( >= 1 , < 2 , )",
            "a==1.*",
            "a!=1!1.4.*",
            "a~=1.4rc1",
            "a==1.0+cu118.x",
            "a>=v1.0.POST1.dev0",
            "a<2.0a0",
            "a===what",
            "a>=1-1",
            "a; python_version<'3.8' and (os_name == \"nt\" or extra=='x')",
            "a; 'linux' in sys_platform",
            "a ;sys_platform not  in 'win32|x' and platform_machine=='x86_64/amd64'",
        ] {
            assert!(is_package(text), "{text}");
        }
        for text in [
            "",
            "a~=1",
            "a>=1.*",
            "a<2.*",
            "a~=1.4.*",
            "a==1.0rc1.*",
            "a==abc",
            "a==*",
            "a>=1.0+cpu",
            "a==1.0+",
            "a==1!",
            "a==1..2",
            "a>=1,,<2",
            "a>=1 <2",
            "a(>=1",
            "a[x y]",
            "a[x",
            "a;",
            "a; python_version",
            "a; python_version < 3.8",
            "a; python_version < '3.8",
            "a; unheard == '1'",
            "a; (os_name == 'nt'",
            "a; os_name == 'nt')",
            "a; os_name == 'nt' and",
            "a; os_name not 'nt'",
        ] {
            assert!(!is_package(text), "{text}");
        }
    }
}
