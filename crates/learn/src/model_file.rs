//! A model as a file: JSON with a schema, and all that is needed to use it on another table.
//!
//! A file is hostile input: what it says is checked when it is read, so that no model panics later.

use crate::learner::{self, Model};
use crate::{Dataset, Error, Matrix};
use serde::{Deserialize, Serialize};

/// The schema this build writes and reads.
pub const SCHEMA: &str = "overhear/model/1";

/// A fitted model and what it was fitted on.
pub struct ModelFile {
    /// The register's name of the learner.
    pub learner: String,
    /// Names of the features, in the model's order (n_features).
    pub features: Vec<String>,
    /// Names of the classes (n_classes).
    pub classes: Vec<String>,
    /// How packets were grouped into rows, as in `t=15`; this crate only hands it on.
    pub windowing: Option<String>,
    /// What the rows were measured from, as in `gateway`; this crate only hands it on.
    pub observer: Option<String>,
    /// What the learner was set to, as [`Configured::new`](learner::Configured::new) takes it; empty for the defaults.
    pub settings: Vec<(String, String)>,
    /// What is known of the rows it was fitted on.
    pub trained_on: TrainedOn,
    /// The model.
    pub model: Box<dyn Model>,
}

/// What is known of the rows a model was fitted on; the default is nothing, as in files of earlier versions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainedOn {
    /// How many rows; `None` where the file does not say.
    #[serde(default)]
    pub n_rows: Option<u64>,
    /// Smallest and largest value of each feature (n_features), or empty.
    #[serde(default)]
    pub ranges: Vec<(f64, f64)>,
    /// How many captures they came from; `None` where the table does not say.
    #[serde(default)]
    pub n_captures: Option<u64>,
    /// Whether any of these is known to be generated traffic; `None` where nothing is known of any.
    #[serde(default)]
    pub generated: Option<bool>,
}

impl TrainedOn {
    /// The ranges and number of a table's rows; nothing of where they come from.
    pub fn of(data: &Dataset) -> TrainedOn {
        let range = |column: &[f64]| {
            column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &value| {
                (least.min(value), most.max(value))
            })
        };
        let ranges = match data.n_rows() {
            0 => Vec::new(),
            _ => (0..data.x.n_columns()).map(|j| range(data.x.column(j))).collect(),
        };
        TrainedOn { n_rows: Some(data.n_rows() as u64), ranges, ..TrainedOn::default() }
    }
}

/// How far rows lie from what a model was fitted on.
#[derive(Debug, Clone, PartialEq)]
pub struct Outside {
    /// How many rows have a feature outside the training rows' range.
    pub rows: usize,
    /// Features with how many rows lie outside in each, most first; those with none are left out.
    pub features: Vec<(String, usize)>,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    schema: String,
    learner: String,
    features: Vec<String>,
    classes: Vec<String>,
    windowing: Option<String>,
    observer: Option<String>,
    #[serde(default)]
    settings: Vec<(String, String)>,
    #[serde(default)]
    trained_on: TrainedOn,
    model: serde_json::Value,
}

impl ModelFile {
    /// The file's text.
    pub fn to_json(&self) -> String {
        let envelope = Envelope {
            schema: SCHEMA.to_owned(),
            learner: self.learner.clone(),
            features: self.features.clone(),
            classes: self.classes.clone(),
            windowing: self.windowing.clone(),
            observer: self.observer.clone(),
            settings: self.settings.clone(),
            trained_on: self.trained_on.clone(),
            model: self.model.to_json(),
        };
        serde_json::to_string(&envelope).expect("strings and JSON values always become JSON")
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// [`Error::ModelJson`] where it is not JSON of this shape, [`Error::ModelSchema`] where it is of another
    /// schema or version, [`Error::UnknownLearner`], [`Error::ModelDamaged`] where its parts do not fit.
    pub fn from_json(text: &str) -> Result<ModelFile, Error> {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<String>,
        }
        // the schema first: another version's body need not have this one's shape
        let found = serde_json::from_str::<Head>(text)?.schema.unwrap_or_default();
        if found != SCHEMA {
            return Err(Error::ModelSchema { found, expected: SCHEMA });
        }
        let envelope: Envelope = serde_json::from_str(text)?;
        let model = (learner::find(&envelope.learner)?.load)(envelope.model)?;
        if model.n_features() != envelope.features.len() {
            return Err(Error::ModelDamaged { what: "it has another number of features than names of them" });
        }
        if model.n_classes() != envelope.classes.len() {
            return Err(Error::ModelDamaged { what: "it has another number of classes than names of them" });
        }
        let ranges = &envelope.trained_on.ranges;
        if !ranges.is_empty() && ranges.len() != envelope.features.len() {
            return Err(Error::ModelDamaged {
                what: "it has another number of features than ranges of them",
            });
        }
        if ranges.iter().any(|(least, most)| least > most) {
            return Err(Error::ModelDamaged { what: "the range of a feature ends before it begins" });
        }
        Ok(ModelFile {
            learner: envelope.learner,
            features: envelope.features,
            classes: envelope.classes,
            windowing: envelope.windowing,
            observer: envelope.observer,
            settings: envelope.settings,
            trained_on: envelope.trained_on,
            model,
        })
    }

    /// The columns of a table that the model wants, in the model's order (n_features).
    ///
    /// # Errors
    /// [`Error::MissingFeatures`] names all that the table lacks.
    pub fn columns_of(&self, features: &[String]) -> Result<Vec<usize>, Error> {
        let place = |name: &String| features.iter().position(|other| other == name);
        let missing: Vec<&str> =
            self.features.iter().filter(|name| place(name).is_none()).map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(Error::MissingFeatures { missing: missing.join(", ") });
        }
        Ok(self.features.iter().filter_map(place).collect())
    }

    /// The learner's name with its settings, as in `knn:k=7`.
    pub fn configured(&self) -> String {
        let settings: Vec<String> =
            self.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let colon = if settings.is_empty() { "" } else { ":" };
        format!("{}{colon}{}", self.learner, settings.join(","))
    }

    /// Which rows of a table lie outside the training rows' range, and in which features; `None` where the file has no
    /// ranges.
    ///
    /// # Errors
    /// [`Error::MissingFeatures`] names all that the table lacks.
    pub fn outside(&self, data: &Dataset) -> Result<Option<Outside>, Error> {
        let columns = self.columns_of(&data.features)?;
        if self.trained_on.ranges.is_empty() {
            return Ok(None);
        }
        let mut is_outside = vec![false; data.n_rows()];
        let mut features = Vec::new();
        for ((name, &column), &(least, most)) in
            self.features.iter().zip(&columns).zip(&self.trained_on.ranges)
        {
            let mut count = 0;
            for (&value, outside) in data.x.column(column).iter().zip(&mut is_outside) {
                if value < least || value > most {
                    (count, *outside) = (count + 1, true);
                }
            }
            if count > 0 {
                features.push((name.clone(), count));
            }
        }
        features.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(Some(Outside { rows: is_outside.iter().filter(|&&is| is).count(), features }))
    }

    /// Classes (rows.len()) and probabilities (rows.len() × n_classes) of some rows of a table whose features
    /// may stand in another order, with others between.
    ///
    /// # Errors
    /// [`Error::MissingFeatures`] names all that the table lacks.
    ///
    /// # Panics
    /// When a row lies outside the table.
    pub fn classify(&self, data: &Dataset, rows: &[u32]) -> Result<(Vec<u32>, Vec<f64>), Error> {
        let columns = self.columns_of(&data.features)?;
        if columns.iter().enumerate().all(|(i, &j)| i == j) && columns.len() == data.x.n_columns() {
            return Ok(self.model.classify(&data.x, rows));
        }
        let picked: Vec<&[f64]> = columns.iter().map(|&j| data.x.column(j)).collect();
        Ok(self.model.classify(&Matrix::from_columns(&picked)?, rows))
    }
}
