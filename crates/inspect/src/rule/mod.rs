//! The register of what speaks for what: evidence to ecosystem and to "is a smart speaker".
//!
//! A rule counts once for a device, however often its evidence was seen; points add up. One file per
//! ecosystem: adding a product touches its file and nothing else. The points are judgement, not a
//! probability: docs/inspect.md says how they are set.

mod amazon;
mod apple;
mod google;
mod other_device;
mod other_speaker;

use super::evidence::Kind;
use serde::Serialize;
use std::fmt;

/// Whose assistant or music system a device belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ecosystem {
    /// Google Home and Nest; Cast.
    Google,
    /// Amazon Echo; Alexa.
    Amazon,
    /// Apple HomePod; AirPlay.
    Apple,
    /// Sonos.
    Sonos,
    /// Bose.
    Bose,
    /// Harman Kardon and JBL.
    Harman,
    /// Bang & Olufsen.
    BangOlufsen,
    /// Denon and Marantz, HEOS.
    Heos,
    /// Yandex Station.
    Yandex,
    /// Xiaomi.
    Xiaomi,
    /// Baidu DuerOS.
    Baidu,
}

impl Ecosystem {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Ecosystem::Google => "Google",
            Ecosystem::Amazon => "Amazon",
            Ecosystem::Apple => "Apple",
            Ecosystem::Sonos => "Sonos",
            Ecosystem::Bose => "Bose",
            Ecosystem::Harman => "Harman",
            Ecosystem::BangOlufsen => "Bang & Olufsen",
            Ecosystem::Heos => "HEOS",
            Ecosystem::Yandex => "Yandex",
            Ecosystem::Xiaomi => "Xiaomi",
            Ecosystem::Baidu => "Baidu",
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What it looks at.
    pub when: When,
    /// Whose ecosystem it speaks for, if anyone's.
    pub ecosystem: Option<Ecosystem>,
    /// How much it says for that ecosystem.
    pub ecosystem_points: i32,
    /// How much it says for a smart speaker; below zero: against.
    pub speaker_points: i32,
    /// What it means, in a few words.
    pub meaning: &'static str,
}

/// What a rule looks at. Text is compared without regard to case.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// The device wants to reach this domain or one below it, by whatever name was seen.
    Reaches(&'static str),
    /// Evidence of this kind is this text.
    Is(Kind, &'static str),
    /// Evidence of this kind begins with this text.
    Begins(Kind, &'static str),
    /// Evidence of this kind has this text in it.
    Has(Kind, &'static str),
    /// It sends to a host with this in its description every so many seconds.
    Every(&'static str, f64, f64),
}

/// Every rule there is.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [google::RULES, amazon::RULES, apple::RULES, other_speaker::RULES, other_device::RULES]
        .into_iter()
        .flatten()
}

impl Rule {
    /// Whether a piece of evidence is what the rule looks at.
    pub fn applies(&self, kind: Kind, value: &str, period_s: Option<f64>) -> bool {
        match self.when {
            When::Reaches(domain) => kind.is_remote_host() && is_below(value, domain),
            When::Is(of, text) => kind == of && value.eq_ignore_ascii_case(text),
            When::Begins(of, text) => {
                let head = value.as_bytes().get(..text.len());
                kind == of && head.is_some_and(|head| head.eq_ignore_ascii_case(text.as_bytes()))
            }
            When::Has(of, text) => kind == of && has(value, text),
            When::Every(text, from_s, to_s) => {
                let in_time = period_s.is_some_and(|s| (from_s..=to_s).contains(&s));
                kind == Kind::Period && in_time && has(value, text)
            }
        }
    }
}

/// A rule that reads well in a table.
const fn rule(
    when: When,
    ecosystem: Ecosystem,
    ecosystem_points: i32,
    speaker_points: i32,
    meaning: &'static str,
) -> Rule {
    Rule { when, ecosystem: Some(ecosystem), ecosystem_points, speaker_points, meaning }
}

fn is_below(name: &str, domain: &str) -> bool {
    let head = name.len().checked_sub(domain.len()).and_then(|at| name.split_at_checked(at));
    head.is_some_and(|(head, tail)| {
        tail.eq_ignore_ascii_case(domain) && (head.is_empty() || head.ends_with('.'))
    })
}

fn has(value: &str, text: &str) -> bool {
    value.as_bytes().windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_covers_what_is_below_it_and_nothing_else() {
        assert!(is_below("clients4.google.com", "google.com") && is_below("google.com", "google.com"));
        assert!(!is_below("notgoogle.com", "google.com") && !is_below("com", "google.com"));
        assert!(!is_below("ü.com", "google.com"));
    }

    #[test]
    fn no_rule_of_other_products_is_strong() {
        // what dongles and televisions offer as well
        for what in ["_googlecast._tcp", "_googlezone._tcp", "_airplay._tcp", "_raop._tcp"] {
            let applies = |rule: &&Rule| rule.applies(Kind::MdnsAnnounced, what, None);
            assert!(all().filter(applies).all(|rule| rule.speaker_points <= 2), "{what}");
        }
    }

    #[test]
    fn every_rule_says_something() {
        for rule in all() {
            assert!(rule.ecosystem_points != 0 || rule.speaker_points != 0, "{rule:?}");
            assert_eq!(rule.ecosystem.is_some(), rule.ecosystem_points > 0, "{rule:?}");
            assert!(!rule.meaning.is_empty());
        }
    }
}
