//! Which other ways the conditions could have been assigned to the rounds.
//!
//! Source: METHOD §4, "permute conditions within units (or whole captures)"; Fisher's randomisation test. What is
//! permuted is what a draw could have dealt: where the order of rounds is known, whole orders are exchanged between
//! units of a block, so that each place holds each class as often as it truly did, and a device that warms up is no
//! leak.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Rounds of a design: the unit and the class of each (n_rounds each).
///
/// In captures without pairs a round is a whole capture, and each is a unit of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Design {
    /// Unit of each round; any numbers.
    pub units: Vec<u32>,
    /// Class of each round, below `n_classes`.
    pub classes: Vec<u32>,
    /// How many classes there are.
    pub n_classes: usize,
    /// When the rounds were, as far as the test is to keep to it.
    pub order: Option<Order>,
}

/// The order of rounds in time (n_rounds each).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Place of each round among those of its unit, from 0.
    pub place: Vec<u32>,
    /// Block (a day, or several) of each round: classes are exchanged within blocks alone. A unit belongs to the
    /// block of its first round.
    pub block: Vec<u32>,
}

/// Assignments of classes to rounds, the true one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignments {
    /// Class of each round under each assignment (n_assignments × n_rounds); `[0]` is the true one.
    pub classes: Vec<Vec<u32>>,
    /// Whether these are all there are, each once.
    pub exhaustive: bool,
}

/// Things whose classes are exchanged with each other.
struct Group {
    /// Rounds of each thing, in the order of its classes; all equally many.
    things: Vec<Vec<usize>>,
    /// The true classes of each thing, as numbers of the different ones.
    codes: Vec<u32>,
    /// What the numbers stand for.
    classes: Vec<Vec<u32>>,
}

impl Design {
    /// Whether every unit holds each class exactly once: pairs, with two classes. False without rounds.
    ///
    /// # Panics
    /// When there is not one class for each round's unit, or a class is not below `n_classes`.
    pub fn is_paired(&self) -> bool {
        !self.units.is_empty()
            && self.rounds_of_units().iter().all(|rounds| self.holds_each_class_once(rounds))
    }

    /// The true assignment and those it is compared with.
    ///
    /// Paired: classes are permuted within units, or, where the order is known, whole orders between the units of
    /// a block. Else over all rounds, or those of a block, each class keeping its number of rounds. All assignments
    /// where there are at most `random` beside the true one; else the true one and `random` random ones, drawn
    /// with replacement. The b-th depends on the design, the seed and b alone.
    ///
    /// # Panics
    /// As [`Design::is_paired`].
    pub fn assignments(&self, random: usize, seed: u64) -> Assignments {
        let groups = self.groups();
        if total(&groups) <= random as f64 + 1.0 {
            return Assignments { classes: self.all(&groups), exhaustive: true };
        }
        let draw = |index: usize| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(index as u64);
            let mut classes = self.classes.clone();
            for group in &groups {
                let mut codes = group.codes.clone();
                codes.shuffle(&mut rng);
                group.place(&codes, &mut classes);
            }
            classes
        };
        let classes = std::iter::once(self.classes.clone()).chain((1..=random).map(draw)).collect();
        Assignments { classes, exhaustive: false }
    }

    /// The smallest p that the design can give with so many random assignments.
    ///
    /// Giving the classes each other's names throughout changes no score, so the true assignment is seldom alone:
    /// 2/C(2G, G) for G captures of each of two conditions, or for 2G pairs half of which begin with each. 1 without
    /// rounds.
    ///
    /// # Panics
    /// As [`Design::is_paired`].
    pub fn smallest_p(&self, random: usize) -> f64 {
        let groups = self.groups();
        let of_design = self.renamings(&groups) / total(&groups);
        // beyond f64 both are infinite: so many classes that the design limits nothing
        let of_design = if of_design.is_nan() { 0.0 } else { of_design };
        of_design.max(1.0 / (random as f64 + 1.0)).min(1.0)
    }

    fn groups(&self) -> Vec<Group> {
        let rounds_of_units = self.rounds_of_units();
        let single = |rounds: Vec<usize>| rounds.into_iter().map(|round| vec![round]).collect();
        let things: Vec<Vec<Vec<usize>>> = match (&self.order, self.is_paired()) {
            (None, true) => rounds_of_units.into_iter().map(single).collect(),
            (None, false) => vec![single((0..self.units.len()).collect())],
            (Some(order), paired) => {
                let mut of_block: BTreeMap<u32, Vec<Vec<usize>>> = BTreeMap::new();
                for mut rounds in rounds_of_units {
                    rounds.sort_by_key(|&round| order.place[round]);
                    let things = if paired { vec![rounds] } else { single(rounds) };
                    for thing in things {
                        of_block.entry(order.block[thing[0]]).or_default().push(thing);
                    }
                }
                of_block.into_values().collect()
            }
        };
        things.into_iter().map(|things| Group::of(things, &self.classes)).collect()
    }

    /// Rounds of each unit, in the order of the units' numbers.
    fn rounds_of_units(&self) -> Vec<Vec<usize>> {
        assert_eq!(self.units.len(), self.classes.len(), "one class for each round's unit");
        assert!(self.classes.iter().all(|&c| (c as usize) < self.n_classes), "classes below n_classes");
        let mut rounds = BTreeMap::<u32, Vec<usize>>::new();
        for (round, &unit) in self.units.iter().enumerate() {
            rounds.entry(unit).or_default().push(round);
        }
        rounds.into_values().collect()
    }

    fn holds_each_class_once(&self, rounds: &[usize]) -> bool {
        let mut seen = vec![false; self.n_classes];
        rounds.iter().for_each(|&round| seen[self.classes[round] as usize] = true);
        rounds.len() == self.n_classes && seen.into_iter().all(|seen| seen)
    }

    /// How many renamings of the classes turn an assignment of this design into another one of it.
    fn renamings(&self, groups: &[Group]) -> f64 {
        let mut used = self.classes.clone();
        used.sort_unstable();
        used.dedup();
        if groups.iter().all(Group::is_of_single_rounds) {
            // classes can swap names where every group has equally many rounds of both
            let mut counts: Vec<Vec<u64>> =
                used.iter().map(|&class| groups.iter().map(|g| g.count(&[class])).collect()).collect();
            counts.sort_unstable();
            return counts.chunk_by(|a, b| a == b).map(|same| factorial(same.len())).product();
        }
        if used.len() > MOST_RENAMED {
            return 1.0;
        }
        let fits = |names: &Vec<u32>| {
            let renamed = |classes: &Vec<u32>| -> Vec<u32> {
                classes.iter().map(|c| used.iter().position(|u| u == c).map_or(*c, |i| names[i])).collect()
            };
            groups.iter().all(|g| g.classes.iter().all(|own| g.count(own) == g.count(&renamed(own))))
        };
        distinct_orders(used.clone()).iter().filter(|names| fits(names)).count() as f64
    }

    /// Every assignment once, the true one first.
    fn all(&self, groups: &[Group]) -> Vec<Vec<u32>> {
        let mut found = vec![self.classes.clone()];
        for group in groups {
            let placed = |order: &Vec<u32>| {
                let mut changed = found.clone();
                changed.iter_mut().for_each(|classes| group.place(order, classes));
                changed
            };
            found = distinct_orders(group.codes.clone()).iter().flat_map(placed).collect();
        }
        let truth = found.iter().position(|classes| *classes == self.classes);
        found.swap(0, truth.expect("the true order is among all orders"));
        found
    }
}

/// With more classes, renamings of whole orders are not counted: 8! of them would be looked at.
const MOST_RENAMED: usize = 7;

impl Group {
    fn of(things: Vec<Vec<usize>>, class_of_round: &[u32]) -> Group {
        let mut classes: Vec<Vec<u32>> = Vec::new();
        let mut code = |thing: &Vec<usize>| {
            let own: Vec<u32> = thing.iter().map(|&round| class_of_round[round]).collect();
            let known = classes.iter().position(|c| *c == own);
            known.unwrap_or_else(|| {
                classes.push(own);
                classes.len() - 1
            }) as u32
        };
        let codes = things.iter().map(&mut code).collect();
        Group { things, codes, classes }
    }

    /// Gives each thing the classes of a code.
    fn place(&self, codes: &[u32], class_of_round: &mut [u32]) {
        for (rounds, &code) in self.things.iter().zip(codes) {
            let own = &self.classes[code as usize];
            rounds.iter().zip(own).for_each(|(&round, &class)| class_of_round[round] = class);
        }
    }

    fn is_of_single_rounds(&self) -> bool {
        self.things.iter().all(|rounds| rounds.len() == 1)
    }

    /// How many things have these classes.
    fn count(&self, classes: &[u32]) -> u64 {
        let Some(code) = self.classes.iter().position(|own| own == classes) else { return 0 };
        self.codes.iter().filter(|&&own| own as usize == code).count() as u64
    }

    fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        self.codes.iter().for_each(|&code| counts[code as usize] += 1);
        counts
    }
}

/// How many different assignments there are, the true one included; infinite where f64 ends.
fn total(groups: &[Group]) -> f64 {
    groups.iter().map(|group| multinomial(&group.counts())).product()
}

/// Every different order of the values, in lexicographic order.
fn distinct_orders(mut values: Vec<u32>) -> Vec<Vec<u32>> {
    values.sort_unstable();
    let mut orders = vec![values.clone()];
    while let Some(rise) = values.windows(2).rposition(|pair| pair[0] < pair[1]) {
        let above = values.iter().rposition(|&v| v > values[rise]);
        values.swap(rise, above.expect("its right neighbour is larger"));
        values[rise + 1..].reverse();
        orders.push(values.clone());
    }
    orders
}

fn factorial(n: usize) -> f64 {
    (1..=n).map(|i| i as f64).product()
}

/// Different orders of things of which there are so many of each kind: a product of binomials.
fn multinomial(counts: &[usize]) -> f64 {
    let (mut orders, mut placed) = (1.0, 0.0);
    for &count in counts {
        let mut binomial = 1.0;
        for i in 1..=count {
            placed += 1.0;
            // whole after each step, so exact while it fits 53 bits
            binomial = binomial * placed / i as f64;
        }
        orders *= binomial;
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(n: u32) -> Design {
        let units = (0..n).flat_map(|u| [u, u]).collect();
        let classes = (0..n).flat_map(|u| [u % 2, 1 - u % 2]).collect();
        Design { units, classes, n_classes: 2, order: None }
    }

    /// The same pairs, their rounds in the order of their numbers, in blocks of so many pairs.
    fn ordered(n: u32, block: u32) -> Design {
        let order = Order {
            place: (0..2 * n).map(|round| round % 2).collect(),
            block: (0..2 * n).map(|round| round / 2 / block).collect(),
        };
        Design { order: Some(order), ..pairs(n) }
    }

    fn captures(of_each: &[usize]) -> Design {
        let classes: Vec<u32> =
            of_each.iter().enumerate().flat_map(|(class, &n)| vec![class as u32; n]).collect();
        let units = (0..classes.len() as u32).collect();
        Design { units, classes, n_classes: of_each.len(), order: None }
    }

    fn distinct(assignments: &Assignments) -> usize {
        assignments.classes.iter().collect::<std::collections::BTreeSet<_>>().len()
    }

    #[test]
    fn three_pairs_have_eight_assignments_and_p_of_a_quarter() {
        let all = pairs(3).assignments(999, 1);
        assert!(all.exhaustive);
        assert_eq!(all.classes[0], [0, 1, 1, 0, 0, 1]);
        assert_eq!((all.classes.len(), distinct(&all)), (8, 8));
        let swapped_within = |c: &Vec<u32>| c.chunks(2).all(|pair| pair[0] + pair[1] == 1);
        assert!(all.classes.iter().all(swapped_within));
        assert_eq!(pairs(3).smallest_p(999), 0.25);
        assert!(pairs(3).assignments(7, 1).exhaustive, "seven others are all others");
        assert!(!pairs(3).assignments(6, 1).exhaustive);
    }

    #[test]
    fn known_orders_are_exchanged_within_blocks_and_places_keep_their_classes() {
        // two blocks of four pairs, two of which begin with each class: C(4, 2) squared
        let design = ordered(8, 4);
        let all = design.assignments(999, 1);
        assert_eq!((all.classes.len(), distinct(&all)), (36, 36));
        for classes in &all.classes {
            for block in classes.chunks(8) {
                let first: u32 = block.iter().step_by(2).sum();
                assert_eq!(first, 2, "as many begin with each class as truly did: {classes:?}");
            }
        }
        assert_eq!(design.smallest_p(999), 2.0 / 36.0, "swapping all names is one of them");
        let drawn = ordered(24, 8).assignments(99, 3);
        assert!(!drawn.exhaustive);
        let first = |c: &Vec<u32>| c.iter().step_by(2).sum::<u32>();
        assert!(drawn.classes.iter().all(|c| first(c) == 12));
    }

    #[test]
    fn an_order_that_never_changes_leaves_nothing_to_compare() {
        let mut design = ordered(12, 4);
        design.classes = (0..12).flat_map(|_| [0, 1]).collect();
        assert_eq!(design.assignments(999, 1).classes.len(), 1);
        assert_eq!(design.smallest_p(999), 1.0);
    }

    #[test]
    fn captures_of_one_class_a_day_leave_nothing_to_compare() {
        let mut design = captures(&[5, 5]);
        design.order = Some(Order { place: vec![0; 10], block: [vec![0; 5], vec![1; 5]].concat() });
        assert_eq!(design.smallest_p(999), 1.0);
        // mixed days: C(5, 2) · C(5, 3), and names cannot be swapped
        design.classes = vec![0, 0, 1, 1, 1, 0, 0, 0, 1, 1];
        assert_eq!(design.assignments(999, 1).classes.len(), 100);
        assert_eq!(design.smallest_p(999), 0.01);
    }

    #[test]
    fn whole_captures_give_the_methods_smallest_p() {
        for (g, expected) in [(1, 1.0), (3, 0.1), (4, 2.0 / 70.0), (5, 2.0 / 252.0)] {
            let design = captures(&[g, g]);
            assert!((design.smallest_p(999) - expected).abs() < 1e-12, "{g} captures a condition");
            assert!(!design.is_paired());
        }
        assert_eq!(captures(&[3, 3]).assignments(999, 0).classes.len(), 20);
        assert_eq!(captures(&[1, 2]).smallest_p(999), 1.0 / 3.0, "unequal numbers cannot swap names");
        assert_eq!(captures(&[1, 1, 1]).smallest_p(999), 1.0);
        assert_eq!(captures(&[2, 2, 2]).smallest_p(999), 6.0 / 90.0);
    }

    #[test]
    fn more_units_than_assignments_are_drawn_at_random() {
        let design = pairs(24);
        let some = design.assignments(99, 5);
        assert!(!some.exhaustive);
        assert_eq!((some.classes.len(), &some.classes[0]), (100, &design.classes));
        assert!(distinct(&some) > 95);
        assert!(some.classes.iter().all(|c| c.chunks(2).all(|pair| pair[0] != pair[1])));
        assert_eq!(design.smallest_p(99), 0.01);
        assert_eq!(pairs(3000).smallest_p(999), 0.001, "more assignments than f64 can count");
        let fewer = design.assignments(20, 5);
        assert_eq!(fewer.classes, some.classes[..21], "the b-th does not depend on how many follow");
        assert_ne!(fewer.classes, design.assignments(20, 6).classes);
    }

    #[test]
    fn triples_permute_within_units() {
        let (units, classes) = (vec![4, 4, 4, 9, 9, 9], vec![0, 1, 2, 2, 1, 0]);
        let design = Design { units, classes, n_classes: 3, order: None };
        assert!(design.is_paired());
        let all = design.assignments(999, 0);
        assert_eq!((all.classes.len(), distinct(&all)), (36, 36));
        assert_eq!(all.classes[0], design.classes);
        assert_eq!(design.smallest_p(999), 1.0 / 6.0);
        // the two orders exchanged: two assignments, of which renaming 0 and 2 makes the other
        let order = Order { place: vec![0, 1, 2, 0, 1, 2], block: vec![0; 6] };
        let design = Design { order: Some(order), ..design };
        assert_eq!((design.assignments(999, 0).classes.len(), design.smallest_p(999)), (2, 1.0));
    }

    #[test]
    fn a_pair_without_its_partner_is_no_pair() {
        let design = Design { units: vec![0, 0, 1], classes: vec![0, 1, 1], n_classes: 2, order: None };
        assert!(!design.is_paired());
        assert_eq!(design.assignments(999, 0).classes.len(), 3);
        let empty = Design { units: vec![], classes: vec![], n_classes: 2, order: None };
        assert!(!empty.is_paired());
        assert_eq!((empty.assignments(9, 0).classes, empty.smallest_p(9)), (vec![vec![]], 1.0));
    }
}
