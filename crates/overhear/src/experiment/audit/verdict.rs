//! One of three answers, and the sentence that says why.
//!
//! Source: METHOD.md section 4, "Verdict".

use super::result::{Answer, Control, Horizon};
use super::task::as_far_from_guessing;

/// The level of the randomisation test.
pub const LEVEL: f64 = 0.01;
/// A leak's lower end is above this at some horizon; of two conditions; of more as far from guessing.
pub const LEAK_ABOVE: f64 = 0.55;

/// What the verdict is decided on.
pub struct Evidence<'a> {
    /// Conditions told apart.
    pub conditions: &'a [String],
    /// p under max-T.
    pub p: f64,
    /// The smallest p the design can give.
    pub smallest_p: f64,
    /// Estimates; empty with too few units.
    pub horizons: &'a [Horizon],
    /// Controls that were run.
    pub controls: &'a [Control],
    /// Units, and whether they are pairs.
    pub units: usize,
    /// Whether a unit holds every condition.
    pub paired: bool,
    /// Who looks.
    pub observer: &'a str,
    /// Learners, as reports name them.
    pub learners: &'a str,
    /// Hours of traffic.
    pub hours: f64,
}

/// An answer, its line and its sentence.
pub struct Decision {
    /// The answer.
    pub answer: Answer,
    /// Begins `LEAK`, `NO LEAK ABOVE` or `INCONCLUSIVE`.
    pub line: String,
    /// Why, with the scope.
    pub sentence: String,
    /// What to do next.
    pub next: Vec<String>,
}

impl Evidence<'_> {
    /// Decides.
    pub fn decide(&self) -> Decision {
        let told = self.conditions.join(" from ");
        let positive_failed =
            self.controls.iter().any(|c| c.name.starts_with("positive") && c.passed == Some(false));
        let same_failed = self.controls.iter().any(|c| c.name.starts_with("A/A") && c.passed == Some(false));
        let strongest =
            self.horizons.iter().max_by(|a, b| a.balanced_accuracy.low.total_cmp(&b.balanced_accuracy.low));
        let scope = self.scope();
        if let Some(h) = strongest.filter(|h| self.p <= LEVEL && h.balanced_accuracy.low > self.leak_above())
        {
            let (ba, over) = (h.balanced_accuracy, spoken(&h.horizon));
            return Decision {
                answer: Answer::Leak,
                line: format!(
                    "LEAK: {told} is told at p = {} with a balanced accuracy of {:.2} ({:.2} to {:.2}) over {over}",
                    p(self.p),
                    ba.value,
                    ba.low,
                    ba.high
                ),
                sentence: format!(
                    "{scope} tell {told} over {over} in {:.0} % of cases (95 % interval {:.0} to {:.0} %; guessing \
                     gives {:.0} %), and p = {} for doing so well by chance.{}",
                    100.0 * ba.value,
                    100.0 * ba.low,
                    100.0 * ba.high,
                    100.0 / self.conditions.len() as f64,
                    p(self.p),
                    if same_failed {
                        " A control failed: rounds of one condition were told apart as well."
                    } else {
                        ""
                    }
                ),
                next: vec![
                    "Find what gives it away in the table of single features, and try a defence on it: pad \
                     lengths, normalise TTLs, quantise TCP windows."
                        .to_owned(),
                    "Audit again after the change with the same schedule, and compare the two with \
                     `overhear gate --compare`."
                        .to_owned(),
                ],
            };
        }
        let open: Vec<&Horizon> =
            self.horizons.iter().filter(|h| h.balanced_accuracy.high >= h.limit).collect();
        if !self.horizons.is_empty() && open.is_empty() && !positive_failed && !same_failed {
            let limits: Vec<String> =
                self.horizons.iter().map(|h| format!("{:.2} over {}", h.limit, spoken(&h.horizon))).collect();
            return Decision {
                answer: Answer::NoLeak,
                line: format!(
                    "NO LEAK ABOVE {}: {told}, observer {}, {}, {:.1} hours",
                    limits.join(", "),
                    self.observer,
                    self.learners,
                    self.hours
                ),
                sentence: format!(
                    "{scope} stay below the limit at every horizon; a stronger or more patient attacker may exist."
                ),
                next: vec![
                    "Repeat the audit after each firmware update; `overhear gate` does it on a build server."
                        .to_owned(),
                ],
            };
        }
        let (reason, next) = self.reason(&open, positive_failed, same_failed);
        Decision {
            answer: Answer::Inconclusive,
            line: format!("INCONCLUSIVE: {reason}"),
            sentence: format!("{scope} give no answer yet: {reason}."),
            next,
        }
    }

    fn leak_above(&self) -> f64 {
        as_far_from_guessing(LEAK_ABOVE, self.conditions.len())
    }

    fn scope(&self) -> String {
        let units = match (self.paired, self.units) {
            (false, n) if self.hours > 0.0 => format!("{n} captures"),
            (_, 1) => "1 unit".to_owned(),
            (_, n) => format!("{n} units"),
        };
        // a table need not say when its rows were measured
        let data = match self.hours > 0.0 {
            true => format!("{:.1} hours of traffic in {units}", self.hours),
            false => units,
        };
        format!("For observer {}, {} on {data}", self.observer, self.learners)
    }

    fn reason(&self, open: &[&Horizon], positive_failed: bool, same_failed: bool) -> (String, Vec<String>) {
        if same_failed {
            let what =
                "a control failed: rounds of the same condition are told apart as if conditions differed";
            return (what.to_owned(), vec!["Look for what changed between rounds (updates, other devices, the place), and randomise the order again.".to_owned()]);
        }
        if positive_failed {
            let what = "the positive control failed: not even wake commands are told from silence";
            return (
                what.to_owned(),
                vec!["Check that the capture sees the device's traffic, with `overhear inspect`.".to_owned()],
            );
        }
        if !self.paired && self.smallest_p > LEVEL {
            let what = format!(
                "{} captures cannot tell the condition from the day: whatever they show, p is {} at best",
                self.units,
                p(self.smallest_p)
            );
            return (what, vec![crossover()]);
        }
        if self.smallest_p > LEVEL || self.horizons.is_empty() {
            let what = format!(
                "{} units are too few: p is {} at best; 8 pairs are the least, 24 the default",
                self.units,
                p(self.smallest_p)
            );
            return (what, vec![crossover()]);
        }
        if self.p <= LEVEL {
            let what = format!(
                "something differs (p = {}), but it is not shown to be more than {:.2}",
                p(self.p),
                self.leak_above()
            );
            return (what, self.more(open));
        }
        let names: Vec<String> = open
            .iter()
            .map(|h| {
                format!(
                    "{:.2} to {:.2} over {}",
                    h.balanced_accuracy.low,
                    h.balanced_accuracy.high,
                    spoken(&h.horizon)
                )
            })
            .collect();
        (
            format!("p = {}, and the interval reaches past the limit ({})", p(self.p), names.join("; ")),
            self.more(open),
        )
    }

    /// How many units would settle it: intervals shrink with the root of their number.
    fn more(&self, open: &[&Horizon]) -> Vec<String> {
        let needed = |h: &&Horizon| {
            let ba = h.balanced_accuracy;
            // a value past the limit would have to be shown a leak: its lower end past what a leak is
            let room = if ba.value < h.limit { h.limit - ba.value } else { ba.value - self.leak_above() };
            let half = if ba.value < h.limit { ba.high - ba.value } else { ba.value - ba.low };
            (room > 0.0).then(|| (self.units as f64 * (half / room).powi(2)).ceil() as usize)
        };
        let most = open.iter().filter_map(needed).max().unwrap_or(2 * self.units).max(self.units + 1);
        let more = most - self.units;
        vec![match most {
            0..10_000 => format!(
                "Record about {more} more units ({most} in all), if what was found so far is the truth."
            ),
            _ => "What was found lies on the limit itself: more units would hardly settle it.".to_owned(),
        }]
    }
}

fn crossover() -> String {
    "Record pairs of rounds in random order: `overhear plan --pairs 24` writes a schedule.".to_owned()
}

/// A horizon in words.
pub fn spoken(horizon: &str) -> String {
    match horizon {
        "window" => "one window".to_owned(),
        "1m" => "one minute".to_owned(),
        "round" => "a whole round".to_owned(),
        other => format!("{} minutes", other.trim_end_matches('m')),
    }
}

fn p(p: f64) -> String {
    if p < 0.001 { format!("{p:.4}") } else { format!("{p:.3}") }
}

#[cfg(test)]
mod tests {
    use super::super::result::Estimate;
    use super::*;

    fn at(horizon: &str, value: f64, half: f64, limit: f64) -> Horizon {
        Horizon {
            horizon: horizon.to_owned(),
            limit,
            balanced_accuracy: Estimate { value, low: value - half, high: value + half },
            auc: None,
            unit_losses: Vec::new(),
            chosen: Vec::new(),
            n_blocks: 0,
            confusion: Vec::new(),
            leakage: Vec::new(),
            ppv: Vec::new(),
        }
    }

    fn decide(p: f64, smallest_p: f64, horizons: &[Horizon], controls: &[Control]) -> Decision {
        let conditions = ["quiet", "noise"].map(str::to_owned);
        let (observer, learners) = ("gateway", "kNN");
        let evidence = Evidence {
            conditions: &conditions,
            p,
            smallest_p,
            horizons,
            controls,
            units: 24,
            paired: true,
            observer,
            learners,
            hours: 24.0,
        };
        evidence.decide()
    }

    fn failed(name: &str) -> Control {
        Control { name: name.to_owned(), passed: Some(false), detail: String::new() }
    }

    #[test]
    fn a_leak_needs_both_the_test_and_the_interval() {
        let strong = [at("window", 0.60, 0.03, 0.55), at("round", 0.90, 0.05, 0.75)];
        assert_eq!(decide(0.001, 0.001, &strong, &[]).answer, Answer::Leak);
        assert_eq!(decide(0.02, 0.001, &strong, &[]).answer, Answer::Inconclusive);
        let weak = [at("window", 0.54, 0.02, 0.55)];
        assert_eq!(decide(0.001, 0.001, &weak, &[]).answer, Answer::Inconclusive);
    }

    #[test]
    fn no_leak_needs_every_horizon_below_its_limit() {
        let clean = [at("window", 0.50, 0.03, 0.55), at("round", 0.50, 0.1, 0.75)];
        let decision = decide(0.6, 0.001, &clean, &[]);
        assert_eq!(decision.answer, Answer::NoLeak);
        assert!(
            decision.line.starts_with("NO LEAK ABOVE 0.55 over one window, 0.75 over a whole round"),
            "{}",
            decision.line
        );
        let wide = [at("window", 0.50, 0.03, 0.55), at("round", 0.50, 0.3, 0.75)];
        assert_eq!(decide(0.6, 0.001, &wide, &[]).answer, Answer::Inconclusive);
    }

    #[test]
    fn limits_of_more_conditions_lie_as_far_from_guessing() {
        assert_eq!(as_far_from_guessing(LEAK_ABOVE, 2), 0.55);
        assert!((as_far_from_guessing(LEAK_ABOVE, 6) - (1.0 / 6.0 + 0.1 * 5.0 / 6.0)).abs() < 1e-12);
        assert!((as_far_from_guessing(0.5, 3) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_failed_control_or_too_few_units_leave_no_answer() {
        let clean = [at("window", 0.50, 0.03, 0.55)];
        let strong = [at("round", 0.90, 0.05, 0.75)];
        assert_eq!(decide(0.6, 0.001, &clean, &[failed("positive: wake")]).answer, Answer::Inconclusive);
        assert_eq!(decide(0.6, 0.001, &clean, &[failed("A/A: quiet")]).answer, Answer::Inconclusive);
        assert!(decide(0.001, 0.001, &strong, &[failed("A/A: quiet")]).sentence.contains("A control failed"));
        let few = decide(0.25, 0.25, &[], &[]);
        assert!(few.line.contains("too few"), "{}", few.line);
    }

    #[test]
    fn the_line_begins_with_the_answer_and_the_sentence_names_the_scope() {
        let strong = [at("round", 0.90, 0.05, 0.75)];
        let decision = decide(0.001, 0.001, &strong, &[]);
        assert!(decision.line.starts_with("LEAK: quiet from noise"), "{}", decision.line);
        for part in ["gateway", "kNN", "24.0 hours"] {
            assert!(decision.sentence.contains(part), "{}", decision.sentence);
        }
    }
}
