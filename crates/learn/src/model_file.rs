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
    /// The model.
    pub model: Box<dyn Model>,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    schema: String,
    learner: String,
    features: Vec<String>,
    classes: Vec<String>,
    windowing: Option<String>,
    observer: Option<String>,
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
        Ok(ModelFile {
            learner: envelope.learner,
            features: envelope.features,
            classes: envelope.classes,
            windowing: envelope.windowing,
            observer: envelope.observer,
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
