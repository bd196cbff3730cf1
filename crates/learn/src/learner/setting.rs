//! Settings of learners as text, as in `knn:k=7`: what each learner has, and in which range.

use super::{Learner, LearnerEntry, find};
use crate::Error;
use std::fmt;

/// One setting of a learner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Permanent name: command line, files and reports show it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Its value where nothing is given.
    pub default: &'static str,
    /// What it may be.
    pub range: Range,
}

/// What a setting may be; the ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// A whole number.
    Whole(usize, usize),
    /// A number.
    Number(f64, f64),
    /// A number, or a word that stands for a rule.
    NumberOr(&'static str, f64, f64),
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// Sizes of one layer or more, as in `200x100`.
    Layers {
        /// Layers at most.
        layers: usize,
        /// Units of a layer at most.
        units: usize,
    },
}

/// What a setting is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number.
    Whole(usize),
    /// A number.
    Number(f64),
    /// The word of [`Range::NumberOr`], or one of [`Range::OneOf`].
    Word(&'static str),
    /// Units of each layer.
    Layers(Vec<usize>),
}

impl Range {
    /// Reads a value; `None` where it is no such thing or lies outside.
    pub fn parse(&self, text: &str) -> Option<Value> {
        let whole = |text: &str, least, most| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let value = text.parse::<usize>().ok().filter(|_| digits)?;
            (least..=most).contains(&value).then_some(value)
        };
        let number = |least, most| {
            let value = text.parse::<f64>().ok()?;
            (least..=most).contains(&value).then_some(Value::Number(value))
        };
        match *self {
            Range::Whole(least, most) => whole(text, least, most).map(Value::Whole),
            Range::Number(least, most) => number(least, most),
            Range::NumberOr(word, ..) if text == word => Some(Value::Word(word)),
            Range::NumberOr(_, least, most) => number(least, most),
            Range::OneOf(words) => words.iter().find(|word| **word == text).map(|word| Value::Word(word)),
            Range::Layers { layers, units } => {
                let sizes: Option<Vec<usize>> = text.split('x').map(|size| whole(size, 1, units)).collect();
                sizes.filter(|sizes| sizes.len() <= layers).map(Value::Layers)
            }
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Whole(least, most) => write!(f, "a whole number from {least} to {most}"),
            Range::Number(least, most) => write!(f, "a number from {least} to {most}"),
            Range::NumberOr(word, least, most) => write!(f, "{word}, or a number from {least} to {most}"),
            Range::OneOf(words) => f.write_str(&words.join(" or ")),
            Range::Layers { layers, units } => {
                write!(f, "1 to {layers} layers of 1 to {units} units, as in 200x100")
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Whole(value) => write!(f, "{value}"),
            Value::Number(value) => write!(f, "{value}"),
            Value::Word(word) => f.write_str(word),
            Value::Layers(sizes) => {
                f.write_str(&sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("x"))
            }
        }
    }
}

/// A value for every setting of one learner: those given, else the defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Values(Vec<(&'static str, Value)>);

impl Values {
    /// The value of a setting of the learner.
    fn of(&self, name: &str) -> &Value {
        let found = self.0.iter().find(|(other, _)| *other == name);
        // a learner's file asks for what stands in its own list; the contract test asks for everything
        &found.expect("the learner lists this setting").1
    }

    /// A setting that is a whole number.
    pub(super) fn whole(&self, name: &str) -> usize {
        if let Value::Whole(value) = self.of(name) { *value } else { 0 }
    }

    /// A setting that is a number.
    pub(super) fn number(&self, name: &str) -> f64 {
        self.number_unless_word(name).unwrap_or(0.0)
    }

    /// A setting that is a number; `None` where it is the word.
    pub(super) fn number_unless_word(&self, name: &str) -> Option<f64> {
        if let Value::Number(value) = self.of(name) { Some(*value) } else { None }
    }

    /// A setting that is one of some words.
    pub(super) fn word(&self, name: &str) -> &'static str {
        if let Value::Word(word) = self.of(name) { word } else { "" }
    }

    /// A setting that is layers.
    pub(super) fn layers(&self, name: &str) -> Vec<usize> {
        if let Value::Layers(sizes) = self.of(name) { sizes.clone() } else { Vec::new() }
    }
}

/// A learner of the register with some of its settings given.
#[derive(Clone)]
pub struct Configured {
    /// Which learner.
    pub entry: &'static LearnerEntry,
    /// The settings given, in the order of the learner's list.
    given: Vec<(&'static str, Value)>,
}

impl Configured {
    /// A learner by its name, with settings as names and texts.
    ///
    /// # Errors
    /// [`Error::UnknownLearner`], [`Error::UnknownSetting`], [`Error::SettingTwice`], [`Error::SettingRange`].
    pub fn new(name: &str, settings: &[(String, String)]) -> Result<Configured, Error> {
        let entry = find(name)?;
        let mut given = Vec::new();
        for (place, (setting, text)) in settings.iter().enumerate() {
            let found = entry.settings.iter().find(|s| s.name == setting);
            let Some(found) = found else {
                let known: Vec<&str> = entry.settings.iter().map(|setting| setting.name).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Error::UnknownSetting { learner: entry.name, setting: setting.clone(), known });
            };
            if settings[..place].iter().any(|(other, _)| other == setting) {
                return Err(Error::SettingTwice { learner: entry.name, setting: found.name });
            }
            let value = found.range.parse(text).ok_or_else(|| Error::SettingRange {
                learner: entry.name,
                setting: found.name,
                about: found.about,
                value: text.clone(),
                range: found.range.to_string(),
            })?;
            given.push((found.name, value));
        }
        given.sort_by_key(|(name, _)| entry.settings.iter().position(|setting| setting.name == *name));
        Ok(Configured { entry, given })
    }

    /// The name with the settings given, as in `knn:k=7`; the register's name where none is.
    pub fn name(&self) -> String {
        let settings: Vec<String> =
            self.given.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if settings.is_empty() {
            self.entry.name.to_owned()
        } else {
            self.entry.name.to_owned() + ":" + &settings.join(",")
        }
    }

    /// The settings given, as [`Configured::new`] takes them.
    pub fn settings(&self) -> Vec<(String, String)> {
        self.given.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect()
    }

    /// The learner itself.
    pub fn learner(&self) -> Box<dyn Learner> {
        let value = |setting: &Setting| {
            let given =
                self.given.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| value.clone());
            let value = given.or_else(|| setting.range.parse(setting.default));
            // defaults lie within their own ranges: the contract test walks them
            (setting.name, value.expect("the default is a value"))
        };
        (self.entry.build)(&Values(self.entry.settings.iter().map(value).collect()))
    }
}

impl From<&'static LearnerEntry> for Configured {
    fn from(entry: &'static LearnerEntry) -> Configured {
        Configured { entry, given: Vec::new() }
    }
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}
