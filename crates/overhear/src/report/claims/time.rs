//! Claims about training times: Tables 1 and 2.

use super::{Finding, Holds, Statement};
use crate::experiment::paper::PaperResult;
use crate::figure::number::{fixed, seconds};
use crate::figure::paper_numbers::LEARNERS;
use crate::figure::setting::{Grouping, Setting};
use crate::figure::{cell, score};

/// Below this many seconds a measured time is noise of the clock and the scheduler.
const MEASURABLE_S: f64 = 0.001;

pub(super) const STATEMENTS: &[Statement] = &[
    Statement {
        id: "quickest_learners",
        section: "§4.3",
        says: "Classifiers such as the decision tree and kNN are faster in training.",
        rule: "both quicker to fit than the other three: holds in 90 % of the settings, partly from half of them on",
        calibrated: false,
        decide: quickest,
    },
    Statement {
        id: "slowest_learner",
        section: "§4.3",
        says: "The neural network is the most time-consuming.",
        rule: "slowest of the five to fit: holds in 90 % of the settings, partly from half of them on",
        calibrated: false,
        decide: slowest,
    },
    Statement {
        id: "time_falls",
        section: "§4.3, Tables 1 and 2",
        says: "By increasing the window the training time decreases.",
        rule: "times from one setting to the next larger, those under 1 ms apart: holds if 90 % do not rise by more \
               than a tenth, partly from 60 % on",
        calibrated: false,
        decide: falls,
    },
    Statement {
        id: "network_flat",
        section: "§4.3",
        says: "The time to train the neural network remains constant above a certain threshold.",
        rule: "longest over shortest from Δt or N = 50 on (the paper's is 1.2): holds up to 1.5, partly up to 3",
        calibrated: false,
        decide: flat,
    },
    Statement {
        id: "comparable_windows",
        section: "§4.3",
        says: "When the amount of information is comparable, both ways of grouping take the same time.",
        rule: "each Δt with the N whose number of windows is nearest (within 1.5 times), times under 1 ms apart: \
               holds if 90 % are within a factor of 2, partly from 60 % on",
        calibrated: false,
        decide: comparable,
    },
];

fn fit_s(result: &PaperResult, task: &str, windowing: &str, learner: &str) -> Option<f64> {
    score(result, task, windowing, learner).map(|s| s.fit_s).filter(|s| s.is_finite())
}

/// Every task and windowing where all of the paper's five have a time, with those times.
fn complete(result: &PaperResult) -> Vec<[f64; 5]> {
    let mut found = Vec::new();
    for task in &result.scope.tasks {
        for windowing in &result.scope.windowings {
            let times = LEARNERS.map(|l| fit_s(result, &task.name, windowing, l));
            if let [Some(a), Some(b), Some(c), Some(d), Some(e)] = times {
                found.push([a, b, c, d, e]);
            }
        }
    }
    found
}

fn quickest(result: &PaperResult) -> Option<Finding> {
    let all = complete(result);
    let yes = all.iter().filter(|[knn, dt, others @ ..]| others.iter().all(|o| knn.max(*dt) < *o)).count();
    let shows = format!("Both are quicker than the other three in {yes} of {} settings.", all.len());
    Finding::shared(yes, all.len(), (0.9, 0.5), shows)
}

fn slowest(result: &PaperResult) -> Option<Finding> {
    let all = complete(result);
    let yes = all.iter().filter(|[others @ .., nn]| others.iter().all(|o| o < nn)).count();
    let shows = format!("It is the slowest of the five in {yes} of {} settings.", all.len());
    Finding::shared(yes, all.len(), (0.9, 0.5), shows)
}

fn falls(result: &PaperResult) -> Option<Finding> {
    let (mut yes, mut of) = (0, 0);
    for task in &result.scope.tasks {
        for settings in Grouping::ALL.map(|g| Setting::of(&result.scope.windowings, g)) {
            for learner in LEARNERS {
                let times: Vec<f64> =
                    settings.iter().filter_map(|s| fit_s(result, &task.name, &s.typed, learner)).collect();
                let steps = times.windows(2).filter(|w| w[0].max(w[1]) >= MEASURABLE_S);
                for step in steps {
                    of += 1;
                    yes += usize::from(step[1] <= 1.1 * step[0]);
                }
            }
        }
    }
    Finding::shared(
        yes,
        of,
        (0.9, 0.6),
        format!("{yes} of {of} steps to a larger window do not take longer."),
    )
}

fn flat(result: &PaperResult) -> Option<Finding> {
    let mut times = Vec::new();
    for task in &result.scope.tasks {
        for settings in Grouping::ALL.map(|g| Setting::of(&result.scope.windowings, g)) {
            let large = settings.iter().filter(|s| s.size >= 50.0);
            times.extend(large.filter_map(|s| fit_s(result, &task.name, &s.typed, "neural_network")));
        }
    }
    if times.len() < 2 {
        return None;
    }
    let (low, high) = times.iter().fold((f64::INFINITY, 0.0f64), |(l, h), &t| (l.min(t), h.max(t)));
    let ratio = high / low.max(f64::MIN_POSITIVE);
    let holds = match ratio {
        r if r <= 1.5 => Holds::Holds,
        r if r <= 3.0 => Holds::Partly,
        _ => Holds::DoesNot,
    };
    let shows = format!(
        "From {} s to {} s at 50 and above, {} times.",
        seconds(low),
        seconds(high),
        fixed(ratio, if ratio < 10.0 { 1 } else { 0 })
    );
    Finding::new(holds, shows)
}

fn comparable(result: &PaperResult) -> Option<Finding> {
    let (mut yes, mut of) = (0, 0);
    for task in &result.scope.tasks {
        let [by_count, by_time] = Grouping::ALL.map(|g| Setting::of(&result.scope.windowings, g));
        for t in &by_time {
            let Some(mine) = windows(result, &task.name, t) else { continue };
            let Some(partner) = nearest(result, &task.name, &by_count, mine) else { continue };
            for learner in LEARNERS {
                let of_setting = |s: &Setting| fit_s(result, &task.name, &s.typed, learner);
                let (Some(a), Some(b)) = (of_setting(t), of_setting(partner)) else { continue };
                if a.max(b) < MEASURABLE_S {
                    continue;
                }
                of += 1;
                yes += usize::from(a.max(b) <= 2.0 * a.min(b));
            }
        }
    }
    let shows = format!("{yes} of {of} pairs of times are within a factor of 2.");
    Finding::shared(yes, of, (0.9, 0.6), shows)
}

fn windows(result: &PaperResult, task: &str, setting: &Setting) -> Option<f64> {
    let found = LEARNERS.iter().find_map(|l| cell(result, task, &setting.typed, l));
    found.map(|c| c.n_windows as f64).filter(|n| *n > 0.0)
}

/// The setting whose number of windows is nearest to `mine`, within 1.5 times.
fn nearest<'a>(result: &PaperResult, task: &str, settings: &'a [Setting], mine: f64) -> Option<&'a Setting> {
    let distance = |s: &Setting| windows(result, task, s).map(|n| (n / mine).ln().abs());
    let measured = settings.iter().filter_map(|s| Some((s, distance(s)?)));
    let (setting, off) = measured.min_by(|a, b| a.1.total_cmp(&b.1))?;
    (off <= 1.5f64.ln()).then_some(setting)
}
