//! How mixed the classes of a node are, and what a cut takes off.

/// What the impurity of a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// The chance that two rows drawn with replacement are of different classes.
    Gini,
    /// Shannon's entropy of the classes.
    Entropy,
}

/// A criterion, made ready for nodes of so many rows.
pub(crate) enum Impurity {
    Gini,
    /// k·ln k of whole numbers k from 0 on.
    Entropy(Vec<f64>),
}

impl Impurity {
    /// For nodes of at most `n_rows` rows.
    pub(crate) fn new(criterion: Criterion, n_rows: usize) -> Impurity {
        let log = |k: usize| if k == 0 { 0.0 } else { k as f64 * (k as f64).ln() };
        match criterion {
            Criterion::Gini => Impurity::Gini,
            Criterion::Entropy => Impurity::Entropy((0..=n_rows).map(log).collect()),
        }
    }

    /// How pure rows are that are so many of each class: the larger, the purer; at most [`Impurity::most`].
    ///
    /// n rows of which n_c are of class c have n times the Gini impurity n − Σ n_c² / n, and n times the entropy in
    /// nats n·ln n − Σ n_c·ln n_c: purity is the part behind the n, or all of it, with the sign turned.
    pub(super) fn purity(&self, counts: &[u32]) -> f64 {
        let mut sums = Sums::default();
        counts.iter().for_each(|&count| sums.add(self, count));
        sums.purity(self)
    }

    /// The purities of both sides of a cut, added up, from how many rows of each class there are, and how many on
    /// the left.
    #[inline(always)]
    pub(super) fn purity_of_sides(&self, all: &[u32], left: &[u32]) -> f64 {
        let (mut on_left, mut on_right) = (Sums::default(), Sums::default());
        let mut add = |all: u32, left: u32| {
            on_left.add(self, left);
            on_right.add(self, all - left);
        };
        // two classes are what is mostly asked for: no loop
        if let (&[a, b], &[left_a, left_b]) = (all, left) {
            add(a, left_a);
            add(b, left_b);
        } else {
            all.iter().zip(left).for_each(|(&all, &left)| add(all, left));
        }
        on_left.purity(self) + on_right.purity(self)
    }

    /// The purity of n rows of one class.
    pub(super) fn most(&self, n: usize) -> f64 {
        match self {
            Impurity::Gini => n as f64,
            Impurity::Entropy(_) => 0.0,
        }
    }
}

/// What purity is made of.
#[derive(Default)]
struct Sums {
    n: u64,
    squares: u64,
    logs: f64,
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, impurity: &Impurity, count: u32) {
        self.n += u64::from(count);
        match impurity {
            Impurity::Gini => self.squares += u64::from(count) * u64::from(count),
            Impurity::Entropy(logs) => self.logs += logs[count as usize],
        }
    }

    #[inline(always)]
    fn purity(&self, impurity: &Impurity) -> f64 {
        match impurity {
            Impurity::Gini => self.squares as f64 / self.n as f64,
            Impurity::Entropy(logs) => self.logs - logs[self.n as usize],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purity_is_minus_the_impurity_by_hand() {
        let counts = [3u32, 0, 1];
        let gini = Impurity::new(Criterion::Gini, 9);
        // 4 · (1 − 9/16 − 1/16) = 1.5
        assert_eq!(gini.most(4) - gini.purity(&counts), 1.5);
        let entropy = Impurity::new(Criterion::Entropy, 9);
        // −3·ln(3/4) − ln(1/4)
        let by_hand = -3.0 * 0.75f64.ln() - 0.25f64.ln();
        assert!((entropy.most(4) - entropy.purity(&counts) - by_hand).abs() < 1e-14);
        for pure in [gini, entropy] {
            assert_eq!(pure.purity(&[0, 9]), pure.most(9));
        }
    }
}
