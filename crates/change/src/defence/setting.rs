//! A defence with its parameters, as it is typed: `normalise-ttl`, `batch:ms=250`.

use super::{DEFENCES, Defence, Entry, MTU_BYTES, names};
use crate::Error;
use crate::random::Random;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// One parameter of a defence.
#[derive(Debug)]
pub struct Parameter {
    /// Permanent name.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Unit of its values.
    pub unit: &'static str,
    /// What may be given.
    pub takes: Takes,
}

/// What may be given for a parameter.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// A number, or a whole one.
    Number {
        /// Where none is given.
        default: f64,
        /// The smallest and the largest.
        range: (f64, f64),
        /// Whether it counts something.
        is_whole: bool,
    },
    /// IP addresses, joined by `+`; must be given.
    Addresses,
    /// Lengths of IP packets, bytes, joined by `+`, one as often as it is to be likely; must be given.
    Lengths,
    /// Texts of a kind, joined by `.`; none where none is given. They hold neither `.` nor `,`, all else they may.
    Texts {
        /// What they are, in a few words.
        what: &'static str,
        /// Whether a text is one of them.
        is_one: fn(&str) -> bool,
    },
}

/// Most addresses of a parameter.
const MOST_ADDRESSES: usize = 64;
/// Most texts of a parameter.
const MOST_TEXTS: usize = 16;
/// Most lengths of a parameter.
const MOST_LENGTHS: usize = 1024;
/// Shortest and longest of them, bytes: a header of IPv4, and what Ethernet carries.
const LENGTHS: std::ops::RangeInclusive<u32> = 20..=MTU_BYTES;

/// What a defence's parameters are set to.
#[derive(Debug, Clone)]
pub struct Values {
    parameters: &'static [Parameter],
    list: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(f64),
    Addresses(Vec<IpAddr>),
    Lengths(Vec<u32>),
    Texts(Vec<String>),
}

/// A defence of the register with its parameters set, typed as `NAME` or `NAME:key=value,key=value`.
#[derive(Clone)]
pub struct Setting {
    entry: &'static Entry,
    values: Values,
}

impl Parameter {
    /// A number with its default and range.
    pub(super) const fn number(
        name: &'static str,
        about: &'static str,
        unit: &'static str,
        default: f64,
        range: (f64, f64),
    ) -> Parameter {
        Parameter { name, about, unit, takes: Takes::Number { default, range, is_whole: false } }
    }

    /// A whole number likewise.
    pub(super) const fn whole(
        name: &'static str,
        about: &'static str,
        unit: &'static str,
        default: f64,
        range: (f64, f64),
    ) -> Parameter {
        Parameter { name, about, unit, takes: Takes::Number { default, range, is_whole: true } }
    }

    fn default(&self) -> Option<Value> {
        match self.takes {
            Takes::Number { default, .. } => Some(Value::Number(default)),
            Takes::Addresses | Takes::Lengths => None,
            Takes::Texts { .. } => Some(Value::Texts(Vec::new())),
        }
    }

    fn read(&self, text: &str) -> Option<Value> {
        match self.takes {
            Takes::Number { range: (lowest, highest), is_whole, .. } => {
                let number: f64 = text.parse().ok()?;
                let fits = (lowest..=highest).contains(&number) && (!is_whole || number.fract() == 0.0);
                // there is one zero
                fits.then_some(Value::Number(number + 0.0))
            }
            Takes::Addresses => Some(Value::Addresses(joined(text, '+', MOST_ADDRESSES)?)),
            Takes::Texts { .. } if text.is_empty() => self.default(),
            Takes::Texts { is_one, .. } => {
                let texts: Vec<String> = joined(text, '.', MOST_TEXTS)?;
                texts.iter().all(|text| is_one(text)).then_some(Value::Texts(texts))
            }
            Takes::Lengths => {
                let lengths = joined(text, '+', MOST_LENGTHS)?;
                lengths.iter().all(|length| LENGTHS.contains(length)).then_some(Value::Lengths(lengths))
            }
        }
    }
}

/// What is joined by a sign; `None` where one of it cannot be read or there is too much.
fn joined<T: FromStr>(text: &str, by: char, most: usize) -> Option<Vec<T>> {
    let list: Vec<T> = text.split(by).map(str::parse).collect::<Result<_, _>>().ok()?;
    Some(list).filter(|list| list.len() <= most)
}

impl fmt::Display for Parameter {
    /// What may be given, for messages: `a whole number from 1 to 255 (hops)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.takes {
            Takes::Number { range: (lowest, highest), is_whole, .. } => {
                let kind = if is_whole { "a whole number" } else { "a number" };
                write!(f, "{kind} from {lowest} to {highest} ({})", self.unit)
            }
            Takes::Addresses => write!(f, "IP addresses joined by +, {MOST_ADDRESSES} at most"),
            Takes::Texts { what, .. } => write!(f, "{what} joined by ., {MOST_TEXTS} at most"),
            Takes::Lengths => {
                let (shortest, longest) = LENGTHS.into_inner();
                write!(
                    f,
                    "lengths from {shortest} to {longest} ({}) joined by +, {MOST_LENGTHS} at most",
                    self.unit
                )
            }
        }
    }
}

impl Values {
    fn of(&self, name: &str) -> Option<&Value> {
        let at = self.parameters.iter().position(|own| own.name == name)?;
        self.list.get(at)
    }

    /// The number a parameter is set to.
    ///
    /// # Panics
    /// Where the defence has no such number: the register's contract test builds every member.
    pub fn number(&self, name: &str) -> f64 {
        match self.of(name) {
            Some(Value::Number(number)) => *number,
            _ => panic!("{name} is no number of this defence"),
        }
    }

    /// The addresses a parameter is set to; none where it has none.
    pub fn addresses(&self, name: &str) -> &[IpAddr] {
        match self.of(name) {
            Some(Value::Addresses(addresses)) => addresses,
            _ => &[],
        }
    }

    /// The lengths a parameter is set to, bytes; none where it has none.
    pub fn lengths(&self, name: &str) -> &[u32] {
        match self.of(name) {
            Some(Value::Lengths(lengths)) => lengths,
            _ => &[],
        }
    }

    /// The texts a parameter is set to; none where it has none.
    pub fn texts(&self, name: &str) -> &[String] {
        match self.of(name) {
            Some(Value::Texts(texts)) => texts,
            _ => &[],
        }
    }
}

impl Setting {
    /// Its line in the register.
    pub fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// What its parameters are set to.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// As it is typed, without the parameters that are at their defaults.
    pub fn brief(&self) -> String {
        let own = self.entry.parameters.iter().zip(&self.values.list);
        let given = own.filter(|(parameter, value)| parameter.default().as_ref() != Some(value));
        let given: Vec<String> =
            given.map(|(parameter, value)| format!("{}={value}", parameter.name)).collect();
        match given.is_empty() {
            true => self.entry.name.to_owned(),
            false => format!("{}:{}", self.entry.name, given.join(",")),
        }
    }

    /// The machine for one round. The same seed and round give the same machine, and rounds differ.
    pub fn build(&self, seed: u64, round: u64) -> Box<dyn Defence> {
        self.build_at(seed, round, 0)
    }

    pub(super) fn build_at(&self, seed: u64, round: u64, place: u64) -> Box<dyn Defence> {
        (self.entry.build)(&self.values, Random::stream(seed, self.entry.name, round, place))
    }

    /// A defence with what was typed for its parameters.
    fn read(entry: &'static Entry, typed: &str) -> Result<Setting, Error> {
        let Entry { name, parameters, .. } = *entry;
        let known = || parameters.iter().map(|own| own.name).collect::<Vec<_>>().join(", ");
        let mut given: Vec<Option<Value>> = parameters.iter().map(|_| None).collect();
        for text in typed.split(',').filter(|_| !typed.is_empty()) {
            let (key, value) =
                text.split_once('=').ok_or_else(|| Error::DefenceForm { text: text.to_owned() })?;
            let unknown = || Error::UnknownParameter { name, found: key.to_owned(), known: known() };
            let at = parameters.iter().position(|own| own.name == key).ok_or_else(unknown)?;
            let takes = || parameters[at].to_string();
            let refused = || Error::Parameter {
                name,
                parameter: parameters[at].name,
                found: value.to_owned(),
                takes: takes(),
            };
            let read = parameters[at].read(value).ok_or_else(refused)?;
            if given[at].replace(read).is_some() {
                return Err(Error::Twice { name, parameter: parameters[at].name });
            }
        }
        let missing = |own: &Parameter| Error::Missing { name, parameter: own.name, takes: own.to_string() };
        let values = parameters.iter().zip(given);
        let values = values.map(|(own, given)| given.or_else(|| own.default()).ok_or_else(|| missing(own)));
        let values = Values { parameters, list: values.collect::<Result<_, _>>()? };
        Setting { entry, values }.checked()
    }

    /// Bounds must not stand the wrong way round, and where texts are taken there must be one.
    fn checked(self) -> Result<Setting, Error> {
        let takes_texts = |own: &&Parameter| matches!(own.takes, Takes::Texts { .. });
        let is_given = |own: &Parameter| !self.values.texts(own.name).is_empty();
        let Entry { name, parameters, .. } = *self.entry;
        if let Some(first) = parameters.iter().find(takes_texts)
            && !parameters.iter().any(is_given)
        {
            return Err(Error::Missing { name, parameter: first.name, takes: first.to_string() });
        }
        let [least, most] = ["shortest", "longest"];
        match (self.values.of(least), self.values.of(most)) {
            (Some(&Value::Number(low)), Some(&Value::Number(high))) if low > high => {
                Err(Error::Bounds { name: self.entry.name, least, most, low, high })
            }
            _ => Ok(self),
        }
    }
}

impl Entry {
    /// The defence at each of its settings for a default sweep; see [`Entry::settings`].
    pub fn sweep(&'static self) -> impl Iterator<Item = Setting> {
        // the register's contract test reads each of them
        self.settings.iter().map(move |typed| Setting::read(self, typed).expect("a setting in range"))
    }
}

impl PartialEq for Setting {
    fn eq(&self, other: &Setting) -> bool {
        (self.entry.name, &self.values.list) == (other.entry.name, &other.values.list)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::Addresses(addresses) => join(addresses, '+', f),
            Value::Lengths(lengths) => join(lengths, '+', f),
            Value::Texts(texts) => join(texts, '.', f),
        }
    }
}

fn join(list: &[impl ToString], by: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&list.iter().map(ToString::to_string).collect::<Vec<_>>().join(&by.to_string()))
}

impl fmt::Display for Setting {
    /// With every parameter, defaults included: a report says what was run.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry.name)?;
        for (at, (own, value)) in self.entry.parameters.iter().zip(&self.values.list).enumerate() {
            write!(f, "{}{}={value}", if at == 0 { ':' } else { ',' }, own.name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Setting {
    type Err = Error;

    fn from_str(text: &str) -> Result<Setting, Error> {
        let (name, typed) = text.split_once(':').unwrap_or((text, ""));
        let unknown = || Error::UnknownDefence { name: name.to_owned(), known: names() };
        let entry = DEFENCES.into_iter().find(|entry| entry.name == name).ok_or_else(unknown)?;
        Setting::read(entry, typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<Setting>().unwrap_err().to_string()
    }

    #[test]
    fn a_defence_is_written_with_all_its_parameters_and_reads_back() {
        let written = |text: &str| text.parse::<Setting>().unwrap().to_string();
        assert_eq!(written("batch"), "batch:ms=250");
        assert_eq!(written("batch:ms=0100"), "batch:ms=100");
        assert_eq!(written("single-transport"), "single-transport");
        assert_eq!(written("pace:burst=3000,rate=64"), "pace:rate=64,burst=3000");
        let blocked = "block-endpoint:address=192.0.2.9+2001:db8::1";
        assert_eq!(written(blocked), blocked);
        let adaptive =
            "adaptive-tamaraw:size=750,up=40,down=12,multiple=100,early=2,sets=9/30/6/50.0/90/30/20";
        assert_eq!(written(adaptive), adaptive);
        assert_ne!("batch:ms=100".parse::<Setting>().unwrap(), "batch".parse().unwrap());
    }

    #[test]
    fn what_is_no_defence_is_named_with_what_to_write() {
        assert_eq!(refused("pad"), format!("no defence is called \"pad\"; there are: {}", names()));
        assert_eq!(refused("batch:hz=4"), "defence batch has no parameter \"hz\"; it has: ms");
        assert_eq!(
            refused("single-transport:a=1"),
            "defence single-transport has no parameter \"a\"; it has none"
        );
        let range = "defence batch: ms is a number from 1 to 10000 (ms), not";
        for found in ["0", "-1", "NaN", "inf", "", "half", "10001"] {
            assert_eq!(refused(&format!("batch:ms={found}")), format!("{range} {found:?}"));
        }
        assert!(refused("normalise-ttl:ttl=1.5").contains("ttl is a whole number from 1 to 255 (hops), not"));
        assert_eq!(
            refused("batch:ms"),
            "\"ms\" is no parameter; write NAME:key=value,key=value, as in batch:ms=250"
        );
        assert_eq!(refused("batch:ms=1,ms=2"), "defence batch: ms is given twice");
        assert_eq!(
            refused("block-endpoint"),
            "defence block-endpoint: give address: IP addresses joined by +, 64 at most"
        );
        let lengths = "down is lengths from 20 to 1500 (bytes) joined by +, 1024 at most, not";
        for found in ["", "19", "1501", "60+", "60+x"] {
            assert!(refused(&format!("morph:up=60,down={found}")).ends_with(&format!("{lengths} {found:?}")));
        }
        let sets =
            "FROM/UP/DOWN/MULTIPLE (real packets, ms, ms, packets; whole numbers) joined by ., 16 at most";
        assert_eq!(refused("adaptive-tamaraw:sets="), format!("defence adaptive-tamaraw: give sets: {sets}"));
        for found in ["1/2/3", "0/0/1/1", "0/1/1/0", "0/1/1/1/1", "0/1/1/1.", "-1/1/1/1"] {
            let text = refused(&format!("adaptive-tamaraw:sets={found}"));
            assert_eq!(text, format!("defence adaptive-tamaraw: sets is {sets}, not {found:?}"));
        }
        assert!(refused("block-endpoint:address=home").ends_with("not \"home\""));
        assert_eq!(refused("front:shortest=9,longest=2"), "defence front: shortest (9) is above longest (2)");
    }
}
