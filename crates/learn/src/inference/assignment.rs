//! Which other ways the conditions could have been assigned to the rounds.
//!
//! Source: METHOD §4, "permute conditions within units (or whole captures)"; Fisher's randomisation test.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

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
}

/// Assignments of classes to rounds, the true one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignments {
    /// Class of each round under each assignment (n_assignments × n_rounds); `[0]` is the true one.
    pub classes: Vec<Vec<u32>>,
    /// Whether these are all there are, each once.
    pub exhaustive: bool,
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
    /// Paired: classes are permuted within units; else over all rounds, each class keeping its number of
    /// rounds. All assignments where there are at most `random` beside the true one; else the true one and
    /// `random` random ones, drawn with replacement. The b-th depends on the design, the seed and b alone.
    ///
    /// # Panics
    /// As [`Design::is_paired`].
    pub fn assignments(&self, random: usize, seed: u64) -> Assignments {
        let blocks = self.blocks();
        if self.total(&blocks) <= random as f64 + 1.0 {
            return Assignments { classes: self.all(&blocks), exhaustive: true };
        }
        let draw = |index: usize| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(index as u64);
            let mut classes = self.classes.clone();
            for rounds in &blocks {
                let mut own: Vec<u32> = rounds.iter().map(|&round| self.classes[round]).collect();
                own.shuffle(&mut rng);
                rounds.iter().zip(own).for_each(|(&round, class)| classes[round] = class);
            }
            classes
        };
        let classes = std::iter::once(self.classes.clone()).chain((1..=random).map(draw)).collect();
        Assignments { classes, exhaustive: false }
    }

    /// The smallest p that the design can give with so many random assignments.
    ///
    /// Giving the classes each other's names throughout changes no score, so the true assignment is never
    /// alone: 2^(1−J) for J pairs, 2/C(2G, G) for G captures of each of two conditions. 1 without rounds.
    ///
    /// # Panics
    /// As [`Design::is_paired`].
    pub fn smallest_p(&self, random: usize) -> f64 {
        let blocks = self.blocks();
        let of_design = self.renamings() / self.total(&blocks);
        // beyond f64 both are infinite: so many classes that the design limits nothing
        let of_design = if of_design.is_nan() { 0.0 } else { of_design };
        of_design.max(1.0 / (random as f64 + 1.0)).min(1.0)
    }

    /// Rounds within which classes are permuted: the units of a paired design, else all rounds at once.
    fn blocks(&self) -> Vec<Vec<usize>> {
        if self.is_paired() { self.rounds_of_units() } else { vec![(0..self.units.len()).collect()] }
    }

    /// Rounds of each unit, in the order of the units' numbers.
    fn rounds_of_units(&self) -> Vec<Vec<usize>> {
        assert_eq!(self.units.len(), self.classes.len(), "one class for each round's unit");
        assert!(self.classes.iter().all(|&c| (c as usize) < self.n_classes), "classes below n_classes");
        let mut rounds = std::collections::BTreeMap::<u32, Vec<usize>>::new();
        for (round, &unit) in self.units.iter().enumerate() {
            rounds.entry(unit).or_default().push(round);
        }
        rounds.into_values().collect()
    }

    fn holds_each_class_once(&self, rounds: &[usize]) -> bool {
        rounds.len() == self.n_classes && self.counts(rounds).iter().all(|&n| n == 1)
    }

    /// Rounds of each class among these (n_classes).
    fn counts(&self, rounds: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.n_classes];
        rounds.iter().for_each(|&round| counts[self.classes[round] as usize] += 1);
        counts
    }

    /// How many different assignments there are, the true one included; infinite where f64 ends.
    fn total(&self, blocks: &[Vec<usize>]) -> f64 {
        blocks.iter().map(|rounds| multinomial(&self.counts(rounds))).product()
    }

    /// How many renamings of the classes turn an assignment of this design into another one of it: classes
    /// can swap names where they have equally many rounds.
    fn renamings(&self) -> f64 {
        let all: Vec<usize> = (0..self.units.len()).collect();
        let mut counts = self.counts(&all);
        counts.retain(|&n| n > 0);
        counts.sort_unstable();
        counts.chunk_by(|a, b| a == b).map(|same| factorial(same.len())).product()
    }

    /// Every assignment once, the true one first.
    fn all(&self, blocks: &[Vec<usize>]) -> Vec<Vec<u32>> {
        let mut found = vec![self.classes.clone()];
        for rounds in blocks {
            let own: Vec<u32> = rounds.iter().map(|&round| self.classes[round]).collect();
            let orders = distinct_orders(own);
            found = orders.iter().flat_map(|order| placed(&found, rounds, order)).collect();
        }
        let truth = found.iter().position(|classes| *classes == self.classes);
        found.swap(0, truth.expect("the true order is among all orders"));
        found
    }
}

/// The assignments with these rounds' classes replaced.
fn placed(assignments: &[Vec<u32>], rounds: &[usize], order: &[u32]) -> Vec<Vec<u32>> {
    let mut changed = assignments.to_vec();
    for classes in &mut changed {
        rounds.iter().zip(order).for_each(|(&round, &class)| classes[round] = class);
    }
    changed
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
        Design { units, classes, n_classes: 2 }
    }

    fn captures(of_each: &[usize]) -> Design {
        let classes: Vec<u32> =
            of_each.iter().enumerate().flat_map(|(class, &n)| vec![class as u32; n]).collect();
        Design { units: (0..classes.len() as u32).collect(), classes, n_classes: of_each.len() }
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
        let design = Design { units: vec![4, 4, 4, 9, 9, 9], classes: vec![0, 1, 2, 2, 1, 0], n_classes: 3 };
        assert!(design.is_paired());
        let all = design.assignments(999, 0);
        assert_eq!((all.classes.len(), distinct(&all)), (36, 36));
        assert_eq!(all.classes[0], design.classes);
        assert_eq!(design.smallest_p(999), 1.0 / 6.0);
    }

    #[test]
    fn a_pair_without_its_partner_is_no_pair() {
        let design = Design { units: vec![0, 0, 1], classes: vec![0, 1, 1], n_classes: 2 };
        assert!(!design.is_paired());
        assert_eq!(design.assignments(999, 0).classes.len(), 3);
        let empty = Design { units: vec![], classes: vec![], n_classes: 2 };
        assert!(!empty.is_paired());
        assert_eq!((empty.assignments(9, 0).classes, empty.smallest_p(9)), (vec![vec![]], 1.0));
    }
}
