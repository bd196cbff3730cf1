//! Work as data: a fit is described by everything it needs, and any engine that has the tables gives the same numbers.

use super::task::{Table, TableHash};
use crate::Error;
use crate::engine::Engine;
use overhear_learn::Scaler;
use overhear_learn::learner::{Ahead, Configured, Learner, Split, Training};

/// Some rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// Which table.
    pub table: TableHash,
    /// Which rows, rising, each once.
    pub rows: Vec<u32>,
}

/// A learner fitted on some rows that predicts others.
///
/// Both may be of one table, or the rows that are predicted of another with the same columns: an old model on changed
/// traffic.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The learner with its settings.
    pub learner: Configured,
    /// What it is fitted on.
    pub train: Rows,
    /// What it predicts.
    pub test: Rows,
    /// Seed of what it draws.
    pub seed: u64,
}

/// The class of each round of a task: what rows are labelled by.
pub type Labelling = Vec<u32>;

/// Where the tables are found that fits name.
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    own: &'a [Table],
    others: &'a [Table],
}

impl<'a> Tables<'a> {
    /// Those of one task.
    pub fn of(own: &'a [Table]) -> Tables<'a> {
        Tables { own, others: &[] }
    }

    /// Those of one task, and of another whose rows are predicted.
    pub fn and(self, others: &'a [Table]) -> Tables<'a> {
        Tables { others, ..self }
    }

    fn all(self) -> impl Iterator<Item = &'a Table> {
        self.own.iter().chain(self.others)
    }

    fn find(self, hash: TableHash) -> &'a Table {
        // fits are made of the tables that they are run with
        self.all().find(|table| table.hash == hash).expect("the table of a fit")
    }
}

impl Fit {
    /// On some rows of one table, predicting others of it.
    pub fn within(table: &Table, learner: &Configured, train: Vec<u32>, test: Vec<u32>, seed: u64) -> Fit {
        let rows = |rows| Rows { table: table.hash, rows };
        Fit { learner: learner.clone(), train: rows(train), test: rows(test), seed }
    }

    /// Log-likelihoods of the rows to predict, where `labels` has the class of each row of the training table; see
    /// `Prepared::log_likelihoods`.
    ///
    /// # Errors
    /// [`Error::Learn`].
    pub fn run(&self, tables: Tables<'_>, labels: &[u32]) -> Result<Vec<f64>, Error> {
        Prepared::of(self, tables).log_likelihoods(labels)
    }
}

/// A probability nearer to 0 or 1 than this says more about the learner than about the traffic.
const CLIP: f64 = 0.01;

/// A fit with everything done that needs no classes: scaled, and for some learners more.
struct Prepared<'a> {
    fit: &'a Fit,
    train: &'a Table,
    test: &'a Table,
    learner: Box<dyn Learner>,
    scaler: Scaler,
    ahead: Option<Box<dyn Ahead>>,
}

impl<'a> Prepared<'a> {
    fn of(fit: &'a Fit, tables: Tables<'a>) -> Prepared<'a> {
        let [train, test] = [&fit.train, &fit.test].map(|rows| tables.find(rows.table));
        let learner = fit.learner.learner();
        let scaler = Scaler::fit(&train.data.x, &fit.train.rows);
        let ahead = learner.ahead_of_labels(&Split {
            train_x: &train.data.x,
            train: &fit.train.rows,
            test_x: &test.data.x,
            test: &fit.test.rows,
            scaler: &scaler,
        });
        Prepared { fit, train, test, learner, scaler, ahead }
    }

    /// Log-likelihood of each class for the rows to predict, up to a constant (test rows × n_classes): log of the
    /// clipped probability less that of the training share.
    fn log_likelihoods(&self, labels: &[u32]) -> Result<Vec<f64>, Error> {
        let n_classes = self.train.data.classes.len();
        let rows = &self.fit.train.rows;
        let mut p = match &self.ahead {
            Some(ahead) => ahead.probabilities(labels, n_classes),
            None => {
                let (x, presort) = (&self.train.data.x, self.train.presort());
                let training = Training { x, y: labels, n_classes, rows, scaler: &self.scaler, presort };
                let model = self.learner.fit(&training, self.fit.seed)?;
                model.probabilities(&self.test.data.x, &self.fit.test.rows)
            }
        };
        let mut shares = vec![0.0; n_classes];
        let one = 1.0 / rows.len() as f64;
        rows.iter().for_each(|&row| shares[labels[row as usize] as usize] += one);
        // a class without training rows is as likely as its share: it is never predicted
        let priors: Vec<f64> = shares.iter().map(|share| f64::max(*share, CLIP).ln()).collect();
        for row in p.chunks_exact_mut(n_classes) {
            for (p, prior) in row.iter_mut().zip(&priors) {
                *p = p.clamp(CLIP, 1.0 - CLIP).ln() - prior;
            }
        }
        Ok(p)
    }
}

/// The values of each fit under one labelling, worked out when asked for.
pub struct Values<'a> {
    prepared: &'a [Prepared<'a>],
    labels: Vec<(TableHash, Vec<u32>)>,
}

impl Values<'_> {
    /// Log-likelihoods of one fit's rows to predict (rows × n_classes).
    ///
    /// # Errors
    /// [`Error::Learn`].
    pub fn of(&self, fit: usize) -> Result<Vec<f64>, Error> {
        let prepared = &self.prepared[fit];
        let own = self.labels.iter().find(|(hash, _)| *hash == prepared.fit.train.table);
        prepared.log_likelihoods(own.map_or(&[], |(_, labels)| labels))
    }
}

impl Engine<'_> {
    /// Runs each fit once under the labels of its own table; values in the fits' order, a step each.
    ///
    /// # Errors
    /// [`Error::Learn`], [`Error::Stopped`].
    pub fn fits(&self, tables: Tables<'_>, fits: &[Fit]) -> Result<Vec<Vec<f64>>, Error> {
        self.each(fits, |fit| fit.run(tables, &tables.find(fit.train.table).data.y))
    }

    /// Runs fits under many labellings; what needs no labels is done once a fit. `reduce` makes of one labelling's values
    /// what is kept of them.
    ///
    /// # Errors
    /// [`Error::Learn`], [`Error::Stopped`].
    pub fn labellings<T: Send>(
        &self,
        tables: Tables<'_>,
        fits: &[Fit],
        labellings: &[Labelling],
        reduce: impl Fn(&Labelling, &Values<'_>) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        let fits: Vec<&Fit> = fits.iter().collect();
        let prepared = self.in_steps(&fits, |&fit| Ok(Prepared::of(fit, tables)))?;
        self.in_steps(labellings, |labelling| {
            let labels = |table: &Table| {
                let of_row = table.round.iter().map(|&round| labelling[round as usize]);
                (table.hash, of_row.collect::<Vec<u32>>())
            };
            let labels = tables.all().map(labels).collect();
            reduce(labelling, &Values { prepared: &prepared, labels })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::Grouping;
    use super::*;
    use crate::assemble::Joined;
    use overhear_learn::learner::LEARNERS;
    use overhear_learn::{Dataset, Matrix};

    /// Forty rows of two rounds; the second is moved, and all by `by`.
    fn table(by: f64) -> Table {
        let column = |salt: u64| -> Vec<f64> {
            (0..40u64).map(|row| ((row * 7 + salt) % 11) as f64 + by + 4.0 * (row / 20) as f64).collect()
        };
        let round: Vec<u32> = (0..40).map(|row| row / 20).collect();
        let data = Dataset {
            features: vec!["a".to_owned(), "b".to_owned()],
            x: Matrix::from_columns(&[column(1), column(5)]).unwrap(),
            y: round.clone(),
            classes: vec!["quiet".to_owned(), "noise".to_owned()],
            units: None,
            starts_ns: None,
        };
        Table::new(Grouping::TABLE, Joined { data, round, stretch: vec![0; 40] }, &[])
    }

    #[test]
    fn a_table_is_known_by_its_numbers() {
        assert_eq!(table(0.0).hash, table(0.0).hash);
        assert_ne!(table(0.0).hash, table(1.0).hash);
    }

    #[test]
    fn many_labellings_give_what_each_gives_alone() {
        let tables = [table(0.0)];
        let (even, odd) =
            ((0..40).step_by(2).collect::<Vec<u32>>(), (1..40).step_by(2).collect::<Vec<u32>>());
        let fits: Vec<Fit> = LEARNERS
            .iter()
            .filter(|entry| entry.name != "neural_network")
            .map(|entry| Fit::within(&tables[0], &entry.into(), even.clone(), odd.clone(), 3))
            .collect();
        let engine = Engine::silent();
        let once = engine.fits(Tables::of(&tables), &fits).unwrap();
        let all = |_: &Labelling, values: &Values<'_>| {
            (0..fits.len()).map(|fit| values.of(fit)).collect::<Result<Vec<_>, Error>>()
        };
        let found = engine.labellings(Tables::of(&tables), &fits, &[vec![0, 1], vec![1, 0]], all).unwrap();
        assert_eq!(found[0], once);
        assert_ne!(found[1], once);
    }

    #[test]
    fn an_old_model_is_scored_on_changed_traffic() {
        let tables = [table(0.0), table(100.0)];
        let all: Vec<u32> = (0..40).collect();
        let mut fit = Fit::within(&tables[0], &Configured::new("knn", &[]).unwrap(), all.clone(), all, 1);
        let right = |fit: &Fit| {
            let values = fit.run(Tables::of(&tables), &tables[0].data.y).unwrap();
            let predicted = values.chunks_exact(2).map(|v| u32::from(v[1] > v[0]));
            predicted.zip(&tables[0].data.y).filter(|(p, y)| p == *y).count()
        };
        assert!(right(&fit) > 30);
        fit.test.table = tables[1].hash;
        assert_eq!(right(&fit), 20, "far from everything it has seen it gives one answer");
    }
}
