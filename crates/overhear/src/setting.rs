//! Something with settings, as it is typed: `knn`, `knn:k=7`, `gradient_boosting:rounds=50,rate=0.2`.
//!
//! Only the form is read here; which names and values there are is for the register that they are looked up in.

use std::fmt;
use std::str::FromStr;

/// A name and the settings given with it, in the order typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What is set.
    pub name: String,
    /// Settings and their values; each setting once.
    pub values: Vec<(String, String)>,
}

/// Why a text is no name with settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamedError {
    /// There is nothing where a name must stand.
    #[error("{text:?}: a name is missing; write NAME or NAME:key=value,key=value")]
    NoName {
        /// As typed.
        text: String,
    },
    /// What stands in a name's or setting's place is none.
    #[error("{text:?}: {found:?} is no name; names are letters, digits, - and _")]
    BadName {
        /// As typed.
        text: String,
        /// What stands there.
        found: String,
    },
    /// A setting is not of the form `key=value`.
    #[error("{text:?}: {found:?} is no setting; write NAME:key=value,key=value")]
    BadSetting {
        /// As typed.
        text: String,
        /// What stands there.
        found: String,
    },
    /// A setting that belongs to no name.
    #[error(
        "{text:?}: {found:?} belongs to nothing before it; settings begin after a colon, as in NAME:{found}"
    )]
    Stray {
        /// As typed.
        text: String,
        /// What stands there.
        found: String,
    },
    /// A setting is given twice.
    #[error("{text:?}: {key} is given twice")]
    Twice {
        /// As typed.
        text: String,
        /// Which setting.
        key: String,
    },
}

impl Named {
    /// Several, with commas between them. Commas separate settings too: a part with `=` and no `:` before it is one more
    /// setting of the name before, as in `knn:k=7,random_forest:trees=50,svm`.
    ///
    /// # Errors
    /// [`NamedError`].
    pub fn list(text: &str) -> Result<Vec<Named>, NamedError> {
        let whole = || text.to_owned();
        let mut list: Vec<Named> = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            let (name, setting) = match part.find([':', '=']) {
                Some(at) if part[at..].starts_with(':') => (Some(&part[..at]), Some(&part[at + 1..])),
                Some(_) => (None, Some(part)),
                None => (Some(part), None),
            };
            if let Some(name) = name {
                if name.is_empty() {
                    return Err(NamedError::NoName { text: whole() });
                }
                check(name, text)?;
                list.push(Named { name: name.to_owned(), values: Vec::new() });
            }
            let Some(setting) = setting else { continue };
            // a name that has no settings begins none by a comma
            let Some(named) = list.last_mut().filter(|named| name.is_some() || !named.values.is_empty())
            else {
                return Err(NamedError::Stray { text: whole(), found: part.to_owned() });
            };
            let Some((key, value)) = setting.split_once('=').filter(|(_, value)| is_value(value)) else {
                return Err(NamedError::BadSetting { text: whole(), found: setting.to_owned() });
            };
            check(key, text)?;
            if named.values.iter().any(|(other, _)| other == key) {
                return Err(NamedError::Twice { text: whole(), key: key.to_owned() });
            }
            named.values.push((key.to_owned(), value.to_owned()));
        }
        Ok(list)
    }
}

/// Whether a value is one: something, without a second `=` or blanks around it.
fn is_value(value: &str) -> bool {
    !value.is_empty() && !value.contains('=') && value.trim() == value
}

fn check(name: &str, text: &str) -> Result<(), NamedError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(fits) {
        return Ok(());
    }
    Err(NamedError::BadName { text: text.to_owned(), found: name.to_owned() })
}

impl FromStr for Named {
    type Err = NamedError;

    /// One name with its settings.
    fn from_str(text: &str) -> Result<Named, NamedError> {
        let mut list = Named::list(text)?;
        match (list.pop(), list.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(second), false) => {
                Err(NamedError::BadSetting { text: text.to_owned(), found: second.name })
            }
            (None, _) => Err(NamedError::NoName { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (place, (key, value)) in self.values.iter().enumerate() {
            write!(f, "{}{key}={value}", if place == 0 { ':' } else { ',' })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        Named::list(text).unwrap().iter().map(Named::to_string).collect()
    }

    fn refused(text: &str) -> String {
        Named::list(text).unwrap_err().to_string()
    }

    #[test]
    fn commas_separate_names_and_settings() {
        assert_eq!(shown("knn"), ["knn"]);
        assert_eq!(shown("knn,svm"), ["knn", "svm"]);
        assert_eq!(shown("knn:k=7,svm:c=2,gamma=0.1,majority"), ["knn:k=7", "svm:c=2,gamma=0.1", "majority"]);
        assert_eq!(shown("gb:rounds=5, rate=0.1 , knn"), ["gb:rounds=5,rate=0.1", "knn"]);
        assert_eq!(shown("pad:at=12:30,to=a:b"), ["pad:at=12:30,to=a:b"]);
    }

    #[test]
    fn one_name_takes_all_settings() {
        let named: Named = "svm:c=2,gamma=scale".parse().unwrap();
        assert_eq!(
            named.values,
            [("c".to_owned(), "2".to_owned()), ("gamma".to_owned(), "scale".to_owned())]
        );
        assert!("knn,svm".parse::<Named>().is_err());
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        assert_eq!(refused("knn:k"), "\"knn:k\": \"k\" is no setting; write NAME:key=value,key=value");
        assert_eq!(refused("knn:"), "\"knn:\": \"\" is no setting; write NAME:key=value,key=value");
        assert_eq!(refused("knn:k="), "\"knn:k=\": \"k=\" is no setting; write NAME:key=value,key=value");
        assert_eq!(
            refused("knn:k=1=2"),
            "\"knn:k=1=2\": \"k=1=2\" is no setting; write NAME:key=value,key=value"
        );
        assert_eq!(refused("knn:k=1,k=2"), "\"knn:k=1,k=2\": k is given twice");
        assert_eq!(refused("knn:=1"), "\"knn:=1\": \"\" is no name; names are letters, digits, - and _");
        assert_eq!(refused(":k=1"), "\":k=1\": a name is missing; write NAME or NAME:key=value,key=value");
        assert_eq!(
            refused("knn,,svm"),
            "\"knn,,svm\": a name is missing; write NAME or NAME:key=value,key=value"
        );
        assert_eq!(refused("k n"), "\"k n\": \"k n\" is no name; names are letters, digits, - and _");
        assert_eq!(
            refused("k=7"),
            "\"k=7\": \"k=7\" belongs to nothing before it; settings begin after a colon, as in NAME:k=7"
        );
        assert!(refused("knn,k=7").contains("begin after a colon, as in NAME:k=7"));
        assert!(refused("").contains("a name is missing"));
    }
}
