//! Sealed settings of the installation, and the care of everything sealed: counting by master key, rotation.

use super::channels::version_row;
use super::database::Database;
use super::row::Row;
use super::seal::{MasterKeys, Place, SealError};
use super::statement::{Expect, Statement};
use crate::pay::Secret;
use crate::pay::store::StoreError;
use std::collections::BTreeMap;

type Result<T> = std::result::Result<T, StoreError>;

fn place(name: &str) -> Place<'_> {
    Place { table: "secrets", row: name, column: "value" }
}

/// Keeps a value that is there already: of two nodes that start at once, one wins and both use its value.
pub(super) fn insert(name: &str, value: &Secret<String>, keys: &MasterKeys) -> Result<Statement> {
    let sealed = keys.seal(place(name), value.expose()).map_err(|e| StoreError::Other(e.to_string()))?;
    Ok(Statement::new("insert into secrets (name, value) values ($1, $2) on conflict (name) do nothing").bind(name).bind(sealed))
}

/// A column that holds sealed texts.
struct Column {
    table: &'static str,
    column: &'static str,
    /// Gives the row's name (and version, 0 where there is none) and the sealed text.
    select: &'static str,
    /// Replaces the text `$4` of row (`$1`, `$2`) by `$3`.
    update: &'static str,
    versioned: bool,
}

const SEALED: &[Column] = &[
    Column {
        table: "app_keys",
        column: "value",
        select: "select key_id, 0, value from app_keys",
        update: "update app_keys set value = $3 where key_id = $1 and $2 = 0 and value = $4",
        versioned: false,
    },
    Column {
        table: "channel_versions",
        column: "credentials",
        select: "select channel_id, version, credentials from channel_versions",
        update: "update channel_versions set credentials = $3 where channel_id = $1 and version = $2 and credentials = $4",
        versioned: true,
    },
    Column {
        table: "secrets",
        column: "value",
        select: "select name, 0, value from secrets",
        update: "update secrets set value = $3 where name = $1 and $2 = 0 and value = $4",
        versioned: false,
    },
];

impl Database {
    pub(super) async fn find_secret(&self, name: &str) -> Result<Option<Secret<String>>> {
        let query = Statement::new("select value from secrets where name = $1").bind(name);
        let Some(row) = self.row(query).await? else { return Ok(None) };
        let mut r = Row::of("secrets", &row);
        let sealed = r.text()?;
        self.keys().open(place(name), &sealed).map(Some).map_err(|e| StoreError::Inconsistent {
            table: "secrets",
            id: name.to_owned(),
            problem: e.to_string(),
        })
    }

    /// How many sealed values there are for each master key, by the key's public name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_by_key(&self) -> Result<BTreeMap<String, i64>> {
        let mut counts = BTreeMap::new();
        for column in SEALED {
            for row in self.scan(Statement::new(column.select)).await? {
                let mut r = Row::of(column.table, &row);
                let (_, _, sealed) = (r.text()?, r.int()?, r.text()?);
                let key_id = sealed.split('.').nth(1).unwrap_or_default().to_owned();
                *counts.entry(key_id).or_insert(0) += 1;
            }
        }
        Ok(counts)
    }

    /// Wraps every data key with the first master key, while the server runs. Afterwards the other master keys are not
    /// needed any more. Gives the number of values that were changed; one that does not open is left as it is.
    ///
    /// # Errors
    /// When the database does not answer; what was done before stays done.
    pub async fn rotate_master_key(&self) -> Result<u64> {
        let mut changed = 0;
        for column in SEALED {
            for row in self.scan(Statement::new(column.select)).await? {
                let mut r = Row::of(column.table, &row);
                let (name, version, sealed) = (r.text()?, r.int()?, r.text()?);
                let row_name = if column.versioned { version_row(&name, version) } else { name.clone() };
                let place = Place { table: column.table, row: &row_name, column: column.column };
                let again = match self.keys().rewrap(place, &sealed) {
                    Ok(Some(again)) => again,
                    // One that cannot be opened must not keep the others under the older key.
                    Ok(None) | Err(SealError::UnknownKey) => continue,
                    Err(problem) => {
                        tracing::error!(table = column.table, row = row_name, %problem, "a sealed value could not be wrapped");
                        continue;
                    }
                };
                let update = Statement::new(column.update).bind(name).bind(version).bind(again).bind(sealed);
                changed += self.write(vec![update.expect(Expect::Any).into()]).await?.count;
            }
        }
        Ok(changed)
    }
}
