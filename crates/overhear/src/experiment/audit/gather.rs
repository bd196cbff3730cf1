//! Rounds for an audit: what can be used is, what cannot is left out and said so.

use super::result::RoundUse;
use super::task::{Horizon, Table, Task};
use crate::Error;
use crate::assemble::{RoundSource, RoundWindows, round_windows};
use crate::progress::Progress;
use crate::table::Labelled;
use overhear_learn::inference::Design;
use overhear_learn::{Dataset, Matrix};
use overhear_traffic::feature::{FEATURES, learned};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::Selection;
use overhear_traffic::window::Windowing;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A condition of this name is the positive control.
const POSITIVE: &str = "wake";

/// What is to be audited, read.
pub struct Gathered {
    /// The device's name.
    pub device: String,
    /// Set where the traffic was generated.
    pub generated: Option<String>,
    /// Conditions, in order; the positive control is none of them.
    pub conditions: Vec<String>,
    /// The condition that is the positive control.
    pub positive: Option<String>,
    /// Names of the observers.
    pub observers: Vec<String>,
    /// Windowings, as typed.
    pub windowings: Vec<String>,
    /// Every round given.
    pub schedule: Vec<RoundUse>,
    /// What a reader should know.
    pub warnings: Vec<String>,
    rounds: Vec<UsedRound>,
    horizons: Vec<Horizon>,
}

/// A round that is used.
pub struct UsedRound {
    /// Its condition.
    pub condition: String,
    /// Its unit, as the manifest numbers it.
    pub unit: u32,
    /// For each observer and windowing (observer by observer) its windows.
    pub windows: Vec<RoundTable>,
}

/// The windows of one round as columns.
pub struct RoundTable {
    /// Names of the columns.
    pub features: Vec<String>,
    /// The columns.
    pub columns: Vec<Vec<f64>>,
    /// When each window starts, where known.
    pub starts_ns: Option<Vec<i64>>,
}

/// What is read of the rounds.
pub struct Plan<'a> {
    /// The device's name.
    pub name: &'a str,
    /// Whose packets.
    pub device: Device,
    /// Who looks.
    pub observers: &'a [Observer],
    /// How packets are grouped.
    pub windowings: &'a [Windowing],
    /// Set where the traffic was generated.
    pub generated: Option<String>,
}

/// A round as it was given: to be read, or the reason why it cannot be.
pub struct GivenRound {
    /// Where from and under which condition.
    pub source: RoundSource,
    /// How long it was meant to take, s.
    pub duration_s: Option<f64>,
    /// Why it is left out.
    pub left_out: Option<String>,
}

/// Reads the rounds for every observer; those that cannot be used are left out with the reason.
///
/// # Errors
/// Where no round is left: the first one's reason; [`Error::Stopped`].
pub fn gather(
    mut given: Vec<GivenRound>,
    plan: &Plan<'_>,
    progress: &dyn Progress,
) -> Result<Gathered, Error> {
    leave_out_overlaps(&mut given);
    progress.begin("reading packets", (given.len() * plan.observers.len()) as u64);
    let read = |(index, round): (usize, &GivenRound)| {
        let mut all = Vec::new();
        for &observer in plan.observers {
            if progress.stop_requested() {
                return Err(Error::Stopped);
            }
            let selection = Selection { device: plan.device, observer };
            let found = match round.left_out {
                Some(_) => None,
                None => Some(round_windows(index, &round.source, selection, plan.windowings)),
            };
            progress.advance(1);
            all.push(found);
        }
        Ok(all)
    };
    let found = given.par_iter().enumerate().map(read).collect::<Result<Vec<_>, Error>>()?;
    let (mut rounds, mut schedule) = (Vec::new(), Vec::new());
    let own_units = given.iter().filter_map(|round| round.source.unit).max().map_or(0, |unit| unit + 1);
    for (number, (round, found)) in (0..).zip(given.into_iter().zip(found)) {
        let unit = round.source.unit.unwrap_or(own_units + number);
        let (windows, use_of) = used(round, unit, found, plan);
        if let Some(windows) = windows {
            rounds.push(UsedRound { condition: use_of.condition.clone(), unit, windows });
        }
        schedule.push(use_of);
    }
    let mut gathered = Gathered {
        device: plan.name.to_owned(),
        generated: plan.generated.clone(),
        conditions: Vec::new(),
        positive: None,
        observers: plan.observers.iter().map(ToString::to_string).collect(),
        windowings: plan.windowings.iter().map(ToString::to_string).collect(),
        warnings: Vec::new(),
        schedule,
        rounds,
        horizons: Horizon::ALL.to_vec(),
    };
    gathered.settle()?;
    Ok(gathered)
}

/// Rounds that ran at the same time measured the same traffic: none of their units can be used.
fn leave_out_overlaps(given: &mut [GivenRound]) {
    let span = |round: &GivenRound| {
        let start = round.source.start_ns?;
        Some((start, start.saturating_add((round.duration_s? * 1e9) as i64)))
    };
    let mut spans: Vec<(i64, i64, usize)> =
        given.iter().enumerate().filter_map(|(i, round)| span(round).map(|(a, b)| (a, b, i))).collect();
    spans.sort_unstable();
    let mut longest: Option<(i64, usize)> = None;
    let mut overlaps = Vec::new();
    for (start, end, index) in spans {
        if let Some((until, other)) = longest
            && start < until
        {
            overlaps.push((index, other));
        }
        if longest.is_none_or(|(until, _)| end > until) {
            longest = Some((end, index));
        }
    }
    for (a, b) in overlaps {
        for (one, other) in [(a, b), (b, a)] {
            let reason = format!(
                "it overlaps in time with round {}; correct `start` or `duration_s`, or take one of them out",
                other + 1
            );
            given[one].left_out.get_or_insert(reason);
        }
    }
}

type Found = Vec<Option<Result<RoundWindows, Error>>>;

/// One round's windows for every observer and windowing, and how it is used.
fn used(round: GivenRound, unit: u32, found: Found, plan: &Plan<'_>) -> (Option<Vec<RoundTable>>, RoundUse) {
    let mut use_of = RoundUse {
        capture: round.source.name().display().to_string(),
        condition: round.source.condition.clone(),
        unit,
        start_ns: round.source.start_ns,
        duration_s: 0.0,
        sha256: round.source.sha256.clone(),
        packets: 0,
        left_out: round.left_out,
    };
    let mut tables = Vec::new();
    for (found, &observer) in found.into_iter().zip(plan.observers) {
        match found {
            Some(Ok(windows)) => {
                let summary = windows.summary.counts();
                if let (Some(first), Some(last)) = (summary.first_ns, summary.last_ns)
                    && use_of.packets == 0
                {
                    use_of.start_ns.get_or_insert(first);
                    use_of.duration_s = (last - first) as f64 / 1e9;
                    use_of.packets = windows.stats.packets;
                }
                tables.extend(
                    (0..plan.windowings.len())
                        .map(|w| round_table(&windows, w, plan.windowings[w], observer)),
                );
            }
            Some(Err(error)) => {
                use_of.left_out.get_or_insert(error.to_string());
            }
            None => {}
        }
    }
    (use_of.left_out.is_none().then_some(tables), use_of)
}

fn round_table(windows: &RoundWindows, place: usize, windowing: Windowing, observer: Observer) -> RoundTable {
    let features = learned(windowing, observer);
    let columns = &windows.columns[place];
    RoundTable {
        features: features.iter().map(|&f| FEATURES[f].name.to_owned()).collect(),
        columns: features.iter().map(|&f| columns.learned(f).collect()).collect(),
        starts_ns: Some(columns.start_ns().to_vec()),
    }
}

/// A labelled table as rounds: rows of one unit and label are a round.
///
/// # Errors
/// [`Error::OneCondition`].
pub fn gather_table(table: &Labelled, name: &str) -> Result<Gathered, Error> {
    let data = &table.data;
    let units = data.units.clone().unwrap_or_else(|| (0..data.n_rows() as u32).collect());
    let mut rows_of: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (row, (&unit, &class)) in units.iter().zip(&data.y).enumerate() {
        rows_of.entry((unit, class)).or_default().push(row);
    }
    let (mut rounds, mut schedule) = (Vec::new(), Vec::new());
    for ((unit, class), mut rows) in rows_of {
        let start = |row: usize| data.starts_ns.as_ref().map(|starts| starts[row]);
        rows.sort_by_key(|&row| start(row));
        let condition = data.classes[class as usize].clone();
        let pick = |j: usize| rows.iter().map(|&row| data.x.value(row, j)).collect();
        let starts_ns = data.starts_ns.as_ref().map(|starts| rows.iter().map(|&row| starts[row]).collect());
        let columns = (0..data.x.n_columns()).map(pick).collect();
        let first = rows.first().and_then(|&row| start(row));
        let last = rows.last().and_then(|&row| start(row));
        schedule.push(RoundUse {
            capture: name.to_owned(),
            condition: condition.clone(),
            unit,
            start_ns: first,
            duration_s: first.zip(last).map_or(0.0, |(first, last)| (last - first) as f64 / 1e9),
            sha256: None,
            packets: 0,
            left_out: None,
        });
        let windows = vec![RoundTable { features: data.features.clone(), columns, starts_ns }];
        rounds.push(UsedRound { condition, unit, windows });
    }
    let timed = data.starts_ns.is_some();
    let mut gathered = Gathered {
        device: name.to_owned(),
        generated: None,
        conditions: Vec::new(),
        positive: None,
        observers: vec!["table".to_owned()],
        windowings: vec!["table".to_owned()],
        warnings: table.warnings.clone(),
        schedule,
        rounds,
        horizons: if timed { Horizon::ALL.to_vec() } else { vec![Horizon::Window, Horizon::Round] },
    };
    gathered.settle()?;
    Ok(gathered)
}

impl Gathered {
    /// Finds the conditions, leaves out what has no partner, and says so.
    fn settle(&mut self) -> Result<(), Error> {
        let left_out = self.schedule.iter().enumerate().filter_map(|(i, round)| {
            let reason = round.left_out.as_ref()?;
            Some(format!("round {} ({}) is left out: {reason}", i + 1, round.capture))
        });
        self.warnings.extend(left_out.collect::<Vec<_>>());
        self.rounds.sort_by_key(|round| round.unit);
        if self.rounds.is_empty() {
            let what = self.warnings.first().cloned().unwrap_or_else(|| "there are no rounds".to_owned());
            return Err(Error::Unusable { what });
        }
        let found: BTreeSet<&String> = self.rounds.iter().map(|round| &round.condition).collect();
        let mut conditions: Vec<String> = found.into_iter().cloned().collect();
        let paper = ["mic_off", "mic_on", "mic_on_noise"];
        conditions.sort_by_key(|name| paper.iter().position(|p| p == name).unwrap_or(paper.len()));
        if conditions.len() > 2 && conditions.iter().any(|name| name == POSITIVE) {
            conditions.retain(|name| name != POSITIVE);
            self.positive = Some(POSITIVE.to_owned());
        }
        if let [only] = conditions.as_slice() {
            return Err(Error::OneCondition { condition: only.clone() });
        }
        self.conditions = conditions;
        if self.is_paired() {
            for round in &self.rounds {
                let partners = self.rounds.iter().filter(|other| other.unit == round.unit).count();
                if partners < 2 {
                    let (unit, condition) = (round.unit, &round.condition);
                    self.warnings.push(format!(
                        "unit {unit} has a round of {condition} and no partner: it is left out of comparisons; record the other condition, or give the round another unit"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether any unit holds rounds of more than one condition.
    fn is_paired(&self) -> bool {
        let mut of_unit: BTreeMap<u32, BTreeSet<&String>> = BTreeMap::new();
        for round in &self.rounds {
            of_unit.entry(round.unit).or_default().insert(&round.condition);
        }
        of_unit.values().any(|conditions| conditions.len() > 1)
    }

    /// As reports say it.
    pub fn paired(&self) -> bool {
        self.is_paired()
    }

    /// Units that are used.
    pub fn n_units(&self) -> usize {
        self.rounds.iter().map(|round| round.unit).collect::<BTreeSet<_>>().len()
    }

    /// Hours of traffic, and days from the first round to the end of the last.
    pub fn extent(&self) -> (f64, f64) {
        let used = || self.schedule.iter().filter(|round| round.left_out.is_none());
        let hours = used().map(|round| round.duration_s).sum::<f64>() / 3600.0;
        let starts: Vec<i64> = used().filter_map(|round| round.start_ns).collect();
        let days = match (starts.iter().min(), starts.iter().max()) {
            (Some(first), Some(last)) => (last - first) as f64 / 86.4e12,
            _ => 0.0,
        };
        (hours, days)
    }

    /// What is told apart: every two conditions, and all together where there are more.
    pub fn tasks(&self) -> Vec<Vec<String>> {
        let c = &self.conditions;
        let mut tasks = Vec::new();
        for i in 0..c.len() {
            tasks.extend((i + 1..c.len()).map(|j| vec![c[i].clone(), c[j].clone()]));
        }
        if c.len() > 2 {
            tasks.push(c.clone());
        }
        tasks
    }

    /// The rounds of some conditions as one observer sees them. Where units hold several conditions, those that
    /// hold each of these once are used.
    ///
    /// # Errors
    /// [`Error::Learn`] where the windows make no table; [`Error::Unusable`] where no unit holds them all.
    pub fn task(&self, conditions: &[String], observer: usize) -> Result<Task, Error> {
        let class = |round: &UsedRound| conditions.iter().position(|c| *c == round.condition);
        let mut of_unit: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, round) in self.rounds.iter().enumerate() {
            if class(round).is_some() {
                of_unit.entry(round.unit).or_default().push(index);
            }
        }
        let complete = |rounds: &Vec<usize>| {
            let classes: BTreeSet<_> = rounds.iter().filter_map(|&r| class(&self.rounds[r])).collect();
            rounds.len() == conditions.len() && classes.len() == conditions.len()
        };
        let paired = of_unit.values().any(complete);
        let units: Vec<Vec<usize>> = if paired {
            of_unit.into_values().filter(complete).collect()
        } else {
            // whole captures: each is a unit of its own
            of_unit.into_values().flatten().map(|round| vec![round]).collect()
        };
        let used: Vec<(u32, usize)> =
            (0..).zip(&units).flat_map(|(unit, rounds)| rounds.iter().map(move |&r| (unit, r))).collect();
        let classes: Vec<u32> =
            used.iter().filter_map(|&(_, r)| class(&self.rounds[r])).map(|c| c as u32).collect();
        if (0..conditions.len() as u32).any(|c| !classes.contains(&c)) {
            let what = format!("no round of {} is left", conditions.join(" or "));
            return Err(Error::Unusable { what });
        }
        let design = Design {
            units: used.iter().map(|(unit, _)| *unit).collect(),
            classes,
            n_classes: conditions.len(),
        };
        let rounds: Vec<usize> = used.iter().map(|&(_, round)| round).collect();
        let tables = (0..self.windowings.len())
            .map(|w| self.table(observer * self.windowings.len() + w, w, &rounds, conditions))
            .collect::<Result<Vec<Table>, Error>>()?;
        Ok(Task {
            conditions: conditions.to_vec(),
            design,
            n_units: units.len(),
            horizons: self.horizons.clone(),
            tables,
        })
    }

    fn table(
        &self,
        place: usize,
        windowing: usize,
        rounds: &[usize],
        conditions: &[String],
    ) -> Result<Table, Error> {
        let first = &self.rounds[rounds[0]].windows[place];
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); first.features.len()];
        let (mut y, mut round_of_row) = (Vec::new(), Vec::new());
        let mut starts_ns = first.starts_ns.as_ref().map(|_| Vec::new());
        for (number, &round) in (0u32..).zip(rounds) {
            let round = &self.rounds[round];
            let windows = &round.windows[place];
            let n = windows.columns.first().map_or(0, Vec::len);
            let class = conditions.iter().position(|c| *c == round.condition).unwrap_or(0);
            for (column, own) in columns.iter_mut().zip(&windows.columns) {
                column.extend_from_slice(own);
            }
            y.resize(y.len() + n, class as u32);
            round_of_row.resize(y.len(), number);
            if let (Some(all), Some(own)) = (&mut starts_ns, &windows.starts_ns) {
                all.extend_from_slice(own);
            }
        }
        let data = Dataset {
            features: first.features.clone(),
            x: Matrix::from_columns(&columns)?,
            y,
            classes: conditions.to_vec(),
            units: None,
            starts_ns,
        };
        Ok(Table::new(self.windowings[windowing].clone(), data, round_of_row, &self.horizons))
    }
}
