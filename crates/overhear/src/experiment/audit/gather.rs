//! What an audit works on: the rounds that are used, and the tasks they make.

use super::order::InDays;
use super::result::{Order, Pattern, RoundUse};
use super::task::Task;
use super::used::UsedRound;
use super::view::{Base, Grouping, Horizon, Look, Sequence, Vantage};
use super::{copies, losses};
use crate::Error;
use crate::assemble::{RoundSource, RoundTable};
use crate::campaign::CheckedPlan;
use crate::caveat::{Caveat, Fact, PlanFault};
use crate::table::Labelled;
use overhear_learn::inference::{self, Design};
use overhear_traffic::trace::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Rounds whose shortest is less than this share of the longest are called unequal.
const UNEQUAL: f64 = 0.9;
/// A condition of this name is the positive control.
const POSITIVE: &str = "wake";
/// The paper's conditions, in its order; others follow by name.
const PAPER_CONDITIONS: [&str; 3] = ["mic_off", "mic_on", "mic_on_noise"];

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
    /// The observers.
    pub observers: Vec<Vantage>,
    /// Windowings.
    pub windowings: Vec<Grouping>,
    /// Every round given.
    pub schedule: Vec<RoundUse>,
    /// Everything known of the data that could change the answer.
    pub caveats: Vec<Caveat>,
    /// How captures were looked at; `None` of a table.
    pub(super) look: Option<Look>,
    pub(super) rounds: Vec<UsedRound>,
    pub(super) horizons: Vec<Horizon>,
    pub(super) plan: Option<CheckedPlan>,
}

/// A labelled table as rounds: rows of one unit and label are a round.
///
/// # Errors
/// [`Error::NothingLeft`].
pub fn gather_table(table: &Labelled, name: &str) -> Result<Gathered, Error> {
    gather_tables(&[(Vantage::Table, table)], name)
}

/// The same rows as several observers see them: labels, units and times are those of the first.
///
/// # Errors
/// [`Error::NothingLeft`].
pub fn gather_tables(seen: &[(Vantage, &Labelled)], name: &str) -> Result<Gathered, Error> {
    let Some((_, first)) = seen.first() else {
        return Err(Error::NothingLeft { caveats: Vec::new(), condition: None });
    };
    let data = &first.data;
    // differences of times never overflow
    let most_ns = 1 << 62;
    let starts_ns: Option<Vec<i64>> =
        data.starts_ns.as_ref().map(|starts| starts.iter().map(|s| *s.clamp(&-most_ns, &most_ns)).collect());
    let units = data.units.clone().unwrap_or_else(|| (0..data.n_rows() as u32).collect());
    let mut rows_of: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (row, (&unit, &class)) in units.iter().zip(&data.y).enumerate() {
        rows_of.entry((unit, class)).or_default().push(row);
    }
    let start = |row: usize| starts_ns.as_ref().map(|starts| starts[row]);
    let (mut rounds, mut schedule) = (Vec::new(), Vec::new());
    for (index, ((unit, class), mut rows)) in rows_of.into_iter().enumerate() {
        rows.sort_by_key(|&row| start(row));
        let condition = data.classes[class as usize].clone();
        let first_ns = rows.first().and_then(|&row| start(row));
        let last_ns = rows.last().and_then(|&row| start(row));
        let seconds = first_ns.zip(last_ns).map_or(0.0, |(first, last)| (last - first) as f64 / 1e9);
        schedule.push(RoundUse {
            capture: name.to_owned(),
            condition: condition.clone(),
            unit,
            start_ns: first_ns,
            duration_s: seconds,
            sha256: None,
            packets: 0,
        });
        let table = |labelled: &Labelled| RoundTable {
            features: labelled.data.features.clone(),
            columns: (0..labelled.data.x.n_columns())
                .map(|j| rows.iter().map(|&row| labelled.data.x.value(row, j)).collect())
                .collect(),
            starts_ns: starts_ns.as_ref().map(|starts| rows.iter().map(|&row| starts[row]).collect()),
            stretch: vec![0; rows.len()],
            is_silent: false,
        };
        let tables = seen.iter().map(|(_, labelled)| table(labelled)).collect();
        rounds.push(UsedRound {
            index,
            condition,
            unit,
            start_ns: first_ns,
            offset_s: 0,
            seconds,
            span: Span::default(),
            source: None,
            tables,
            bins: Vec::new(),
        });
    }
    let copies = copies::leave_out(&mut rounds);
    let notes = first.warnings.iter().map(|note| Fact::Table { note: note.clone() });
    let unknown = data.starts_ns.is_none().then_some(Fact::OrderUnknown);
    let of_copy = |(index, other, same_condition): &(usize, usize, bool)| {
        let fact = Fact::SamePackets { other: other + 1, same_condition: *same_condition };
        Caveat::of_round(*index, name, fact)
    };
    let mut caveats: Vec<Caveat> = copies.iter().map(of_copy).collect();
    caveats.extend(notes.chain(unknown).map(Caveat::of_all));
    let mut gathered = Gathered::new(name, rounds, schedule, caveats);
    gathered.observers = seen.iter().map(|(vantage, _)| *vantage).collect();
    if data.starts_ns.is_none() {
        gathered.horizons = vec![Horizon::Window, Horizon::Round];
    }
    gathered.settle(None)?;
    Ok(gathered)
}

impl Gathered {
    /// Rounds of which nothing has been decided yet.
    pub(super) fn new(
        device: &str,
        rounds: Vec<UsedRound>,
        schedule: Vec<RoundUse>,
        caveats: Vec<Caveat>,
    ) -> Gathered {
        Gathered {
            device: device.to_owned(),
            generated: None,
            conditions: Vec::new(),
            positive: None,
            observers: vec![Vantage::Table],
            windowings: vec![Grouping::TABLE],
            schedule,
            caveats,
            look: None,
            rounds,
            horizons: Horizon::ALL.to_vec(),
            plan: None,
        }
    }

    /// Finds the conditions, leaves out what repeats or has no partner, takes rounds without a window as silence, and
    /// looks at the plan.
    pub(super) fn settle(&mut self, plan: Option<Result<CheckedPlan, PlanFault>>) -> Result<(), Error> {
        let found: BTreeSet<&String> = self.rounds.iter().map(|round| &round.condition).collect();
        let mut conditions: Vec<String> = found.into_iter().cloned().collect();
        conditions.sort_by_key(|name| {
            PAPER_CONDITIONS.iter().position(|p| p == name).unwrap_or(PAPER_CONDITIONS.len())
        });
        // by what was given: a condition that was lost does not make another of the control
        let given: BTreeSet<&String> = self.schedule.iter().map(|round| &round.condition).collect();
        if given.len() > 2 && given.iter().any(|name| *name == POSITIVE) {
            self.positive = conditions.iter().find(|name| *name == POSITIVE).cloned();
            conditions.retain(|name| name != POSITIVE);
        }
        self.conditions = conditions;
        if self.is_paired() {
            self.leave_out_repeats();
            self.leave_out_singles();
        }
        let left: BTreeSet<&String> = self
            .rounds
            .iter()
            .map(|round| &round.condition)
            .filter(|c| self.conditions.contains(c))
            .collect();
        if left.len() < 2 {
            let condition = left.into_iter().next().cloned();
            return Err(Error::NothingLeft { caveats: std::mem::take(&mut self.caveats), condition });
        }
        self.conditions.retain({
            let left: BTreeSet<String> = left.into_iter().cloned().collect();
            move |condition| left.contains(condition)
        });
        let lost = losses::found(&self.schedule, &self.caveats, &self.rounds);
        let twice = copies::in_some(&self.caveats, &self.rounds);
        self.caveats.extend(lost.into_iter().chain(twice).map(Caveat::of_all));
        self.note_lengths();
        self.fill_silence();
        self.rounds.sort_by_key(|round| (round.unit, round.start_ns, round.index));
        match plan.map(|plan| plan.and_then(|plan| self.follows(plan))) {
            Some(Ok(plan)) => self.plan = Some(plan),
            Some(Err(fault)) => self.caveats.push(Caveat::of_all(Fact::PlanUnproven { fault })),
            None => {}
        }
        Ok(())
    }

    /// The place in the schedule of the round at a place among those gathered.
    pub(super) fn in_schedule(&self, place: usize) -> usize {
        self.rounds[place].index
    }

    fn leave_out(&mut self, indices: &BTreeSet<usize>, fact: impl Fn(&UsedRound) -> Fact) {
        for round in self.rounds.iter().filter(|round| indices.contains(&round.index)) {
            let capture = &self.schedule[round.index].capture;
            self.caveats.push(Caveat::of_round(round.index, capture, fact(round)));
        }
        self.rounds.retain(|round| !indices.contains(&round.index));
    }

    /// A unit holds one round of each condition: of several the first in time is used.
    fn leave_out_repeats(&mut self) {
        let mut order: Vec<&UsedRound> = self.rounds.iter().collect();
        order.sort_by_key(|round| (round.start_ns, round.index));
        let mut seen = BTreeSet::new();
        let repeats: BTreeSet<usize> = order
            .into_iter()
            .filter(|round| !seen.insert((round.unit, &round.condition)))
            .map(|round| round.index)
            .collect();
        self.leave_out(&repeats, |round| Fact::Repeat {
            unit: round.unit,
            condition: round.condition.clone(),
        });
    }

    fn leave_out_singles(&mut self) {
        let mut of_unit: BTreeMap<u32, usize> = BTreeMap::new();
        for round in self.rounds.iter().filter(|round| self.conditions.contains(&round.condition)) {
            *of_unit.entry(round.unit).or_default() += 1;
        }
        let single = |round: &&UsedRound| {
            self.conditions.contains(&round.condition) && of_unit.get(&round.unit) == Some(&1)
        };
        let singles: BTreeSet<usize> = self.rounds.iter().filter(single).map(|round| round.index).collect();
        self.leave_out(&singles, |round| Fact::NoPartner {
            unit: round.unit,
            condition: round.condition.clone(),
        });
    }

    /// Of whole stretches as much is looked at in every round as in the shortest.
    fn note_lengths(&mut self) {
        let seconds = || self.rounds.iter().map(|round| round.seconds).filter(|&seconds| seconds > 0.0);
        let (shortest_s, longest_s) =
            (seconds().fold(f64::INFINITY, f64::min), seconds().fold(0.0, f64::max));
        if shortest_s < UNEQUAL * longest_s {
            self.caveats.push(Caveat::of_all(Fact::UnequalRounds { shortest_s, longest_s }));
        }
    }

    /// A round too short for a window is an observation all the same, at every horizon.
    fn fill_silence(&mut self) {
        for (place, grouping) in self.windowings.iter().enumerate() {
            let Base::Windowing(windowing) = &grouping.base else { continue };
            let seen = |round: &&UsedRound| {
                (0..self.observers.len())
                    .map(|o| round.tables[o * self.windowings.len() + place].n_windows())
                    .min()
            };
            let rounds = self.rounds.iter().filter(|round| seen(round) == Some(0)).count();
            if rounds > 0 {
                let fact = Fact::NoWindow { windowing: *windowing, rounds };
                self.caveats.push(Caveat::of_all(fact));
            }
        }
        for round in &mut self.rounds {
            let start_ns = round.span.settled_ns().or(round.start_ns);
            round.tables.iter_mut().for_each(|table| table.fill_silence(start_ns));
        }
    }

    /// Whether the rounds came as a plan says that was drawn before the first of them.
    fn follows(&self, checked: CheckedPlan) -> Result<CheckedPlan, PlanFault> {
        let first_ns = self.schedule.iter().filter_map(|round| round.start_ns).min();
        match (checked.plan.drawn_ns, first_ns) {
            (None, _) => return Err(PlanFault::Undated),
            (Some(drawn), Some(first)) if drawn <= first => {}
            _ => return Err(PlanFault::TooLate),
        }
        // in time, the rounds come one after another as the plan has them; ones that were lost may be missing
        let mut in_time: Vec<&UsedRound> =
            self.rounds.iter().filter(|round| self.conditions.contains(&round.condition)).collect();
        in_time.sort_by_key(|round| (round.start_ns, round.index));
        let mut planned = checked.plan.rounds.iter();
        for round in in_time {
            if !planned.any(|(unit, condition)| (*unit, condition) == (round.unit, &round.condition)) {
                return Err(PlanFault::NotFollowed { unit: round.unit });
            }
        }
        Ok(checked)
    }

    /// Whether any unit holds rounds of more than one condition.
    pub fn is_paired(&self) -> bool {
        let mut of_unit: BTreeMap<u32, BTreeSet<&String>> = BTreeMap::new();
        for round in self.rounds.iter().filter(|round| self.conditions.contains(&round.condition)) {
            of_unit.entry(round.unit).or_default().insert(&round.condition);
        }
        of_unit.values().any(|conditions| conditions.len() > 1)
    }

    /// Units of some rounds, given by their places among those used.
    pub fn n_units(&self, used: &BTreeSet<usize>) -> usize {
        used.iter().map(|&round| self.rounds[round].unit).collect::<BTreeSet<_>>().len()
    }

    /// Hours of traffic of some rounds, and days from the beginning of the first to that of the last.
    pub fn extent(&self, used: &BTreeSet<usize>) -> (f64, f64) {
        let rounds = || used.iter().map(|&round| &self.rounds[round]);
        let hours = rounds().map(|round| round.seconds).sum::<f64>() / 3600.0;
        let starts: Vec<i64> = rounds().filter_map(|round| round.start_ns).collect();
        let days = match (starts.iter().min(), starts.iter().max()) {
            (Some(first), Some(last)) => last.saturating_sub(*first) as f64 / 86.4e12,
            _ => 0.0,
        };
        (hours, days)
    }

    /// How captures were looked at; `None` of a table.
    pub fn look(&self) -> Option<&Look> {
        self.look.as_ref()
    }

    /// What is made of stretches second by second.
    pub fn sequences(&self) -> &[Sequence] {
        self.look.as_ref().map_or(&[], |look| &look.representation.sequences)
    }

    /// Where the packets of a condition's rounds come from, in time order.
    pub fn sources(&self, condition: &str) -> Vec<RoundSource> {
        let mut own: Vec<&UsedRound> =
            self.rounds.iter().filter(|round| round.condition == condition).collect();
        own.sort_by_key(|round| (round.start_ns, round.index));
        own.into_iter().filter_map(|round| round.source.clone()).collect()
    }

    /// What is distinguished: every two conditions, and all together where there are more.
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

    /// What progress calls a task as one observer sees it.
    pub(super) fn label(&self, conditions: &[String], observer: usize) -> String {
        format!("{} ({})", conditions.join("/"), self.observers[observer])
    }

    /// The positive control against a condition; `None` where there is none.
    ///
    /// # Errors
    /// As [`Gathered::task`].
    pub(super) fn positive_task(
        &self,
        condition: &str,
        observer: usize,
        seed: u64,
    ) -> Result<Option<Task>, Error> {
        let of = |positive: &String| self.task(&[condition.to_owned(), positive.clone()], observer, seed);
        self.positive.as_ref().map(of).transpose()
    }

    /// The rounds of some conditions as one observer sees them. Where units hold several conditions, those that
    /// hold each of these are used.
    ///
    /// # Errors
    /// [`Error::Learn`] where the windows make no table; [`Error::NothingLeft`] where no unit holds them all.
    pub fn task(&self, conditions: &[String], observer: usize, seed: u64) -> Result<Task, Error> {
        let class = |round: &UsedRound| conditions.iter().position(|c| *c == round.condition);
        let mut of_unit: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (place, round) in self.rounds.iter().enumerate() {
            if class(round).is_some() {
                of_unit.entry(round.unit).or_default().push(place);
            }
        }
        let complete = |rounds: &Vec<usize>| {
            let classes: BTreeSet<_> = rounds.iter().filter_map(|&r| class(&self.rounds[r])).collect();
            rounds.len() == conditions.len() && classes.len() == conditions.len()
        };
        let units: Vec<Vec<usize>> = if of_unit.values().any(complete) {
            of_unit.into_values().filter(complete).collect()
        } else {
            // whole captures: each is a unit of its own
            of_unit.into_values().flatten().map(|round| vec![round]).collect()
        };
        let (mut unit_of, mut rounds, mut classes) = (Vec::new(), Vec::new(), Vec::new());
        for (unit, own) in (0u32..).zip(&units) {
            for &round in own {
                unit_of.push(unit);
                rounds.push(round);
                classes.push(class(&self.rounds[round]).unwrap_or(0) as u32);
            }
        }
        if (0..conditions.len() as u32).any(|class| !classes.contains(&class)) {
            let condition = classes.first().map(|&class| conditions[class as usize].clone());
            return Err(Error::NothingLeft { caveats: self.caveats.clone(), condition });
        }
        let n_classes = conditions.len();
        let mut design = Design { units: unit_of, classes, n_classes, order: None };
        let used: Vec<&UsedRound> = rounds.iter().map(|&round| &self.rounds[round]).collect();
        let starts: Vec<(Option<i64>, i32)> =
            used.iter().map(|round| (round.start_ns, round.offset_s)).collect();
        let seconds: Vec<f64> = used.iter().map(|round| round.seconds).collect();
        let in_days = InDays::of(&starts, &seconds, &design.units);
        let order = self.order(&mut design, &used, in_days.as_ref(), seed);
        let tables = self.tables(observer, &used, &design, conditions)?;
        Ok(Task {
            conditions: conditions.to_vec(),
            n_units: units.len(),
            order,
            in_days,
            seconds: used.iter().map(|round| round.seconds).sum(),
            rounds,
            design,
            horizons: self.horizons.clone(),
            tables,
        })
    }

    /// What is known of the order of conditions; where it may be a coin's, the test keeps to places and days.
    fn order(&self, design: &mut Design, used: &[&UsedRound], in_days: Option<&InDays>, seed: u64) -> Order {
        let Some(in_days) = in_days else {
            // a table need not say when its rows were measured; captures do, unless their clocks are of no use
            return match self.observers.contains(&Vantage::Table) {
                true => Order::Unknown,
                false => Order::WithTime { p: 1.0, pattern: Pattern::NoClock },
            };
        };
        // a plan deals conditions within units: of whole captures it proves nothing
        let plan = self.plan.as_ref().filter(|_| design.is_paired());
        let (order, mut kept) = match plan {
            Some(plan) => (Order::Drawn { plan_sha256: plan.sha256.clone() }, in_days.order(design)),
            None => (in_days.test(design, seed), in_days.order(design)),
        };
        if let Some(plan) = plan {
            let block = |round: &&UsedRound| plan.plan.block_of_unit.get(&round.unit).copied();
            if let Some(blocks) = used.iter().map(block).collect::<Option<Vec<u32>>>() {
                kept = inference::Order { block: blocks, ..kept };
            }
        }
        if !matches!(order, Order::WithTime { .. }) {
            design.order = Some(kept);
        }
        order
    }
}
