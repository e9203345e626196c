//! Reads a row column by column, in the order of its select list, with a check on each. A value that makes no sense is
//! `Inconsistent`, never a default.

use crate::model::{Amount, Method};
use crate::pay::store::StoreError;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::fmt::Display;

/// A row being read.
pub(super) struct Row<'r> {
    row: &'r AnyRow,
    next: usize,
    table: &'static str,
}

type Result<T> = std::result::Result<T, StoreError>;

impl<'r> Row<'r> {
    pub fn of(table: &'static str, row: &'r AnyRow) -> Self {
        Self { row, next: 0, table }
    }

    /// The complaint about this row; its first column serves as its name.
    pub fn inconsistent(&self, problem: impl Display) -> StoreError {
        let id = match self.row.try_get::<String, _>(0) {
            Ok(id) => id,
            Err(_) => self.row.try_get::<i64, _>(0).map_or_else(|_| "?".to_owned(), |n| n.to_string()),
        };
        StoreError::Inconsistent { table: self.table, id, problem: format!("column {}: {problem}", self.next) }
    }

    fn get<T>(&mut self) -> Result<T>
    where
        T: sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
    {
        let value = self.row.try_get(self.next).map_err(|e| self.inconsistent(e))?;
        self.next += 1;
        Ok(value)
    }

    pub fn text(&mut self) -> Result<String> {
        self.get()
    }

    pub fn opt_text(&mut self) -> Result<Option<String>> {
        self.get()
    }

    pub fn int(&mut self) -> Result<i64> {
        self.get()
    }

    pub fn opt_int(&mut self) -> Result<Option<i64>> {
        self.get()
    }

    pub fn flag(&mut self) -> Result<bool> {
        match self.int()? {
            0 => Ok(false),
            1 => Ok(true),
            n => Err(self.inconsistent(format!("{n} is no flag"))),
        }
    }

    pub fn amount(&mut self) -> Result<Amount> {
        let fen = self.int()?;
        Amount::from_stored(fen).map_err(|e| self.inconsistent(e))
    }

    pub fn opt_amount(&mut self) -> Result<Option<Amount>> {
        self.opt_int()?.map(|fen| Amount::from_stored(fen).map_err(|e| self.inconsistent(e))).transpose()
    }

    /// An identifier or a word of a closed set.
    pub fn word<T, E: Display>(&mut self, parse: impl Fn(&str) -> std::result::Result<T, E>) -> Result<T> {
        let text = self.get::<&'r str>()?;
        parse(text).map_err(|e| self.inconsistent(e))
    }

    pub fn opt_word<T, E: Display>(&mut self, parse: impl Fn(&str) -> std::result::Result<T, E>) -> Result<Option<T>> {
        self.get::<Option<&'r str>>()?.map(|text| parse(text).map_err(|e| self.inconsistent(e))).transpose()
    }

    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        let text = self.get::<&'r str>()?;
        serde_json::from_str(text).map_err(|e| self.inconsistent(e))
    }

    pub fn opt_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        self.get::<Option<&'r str>>()?.map(|text| serde_json::from_str(text).map_err(|e| self.inconsistent(e))).transpose()
    }

    /// A comma-separated list of methods; the empty text is the empty list.
    pub fn methods(&mut self) -> Result<Vec<Method>> {
        let text = self.get::<&'r str>()?;
        text.split(',').filter(|m| !m.is_empty()).map(|m| Method::parse(m).map_err(|e| self.inconsistent(e))).collect()
    }
}

/// The stored form of a list of methods.
pub(super) fn methods_text(methods: &[Method]) -> String {
    methods.iter().map(|m| m.as_str()).collect::<Vec<_>>().join(",")
}

/// The stored form of an object.
pub(super) fn json_text<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Other(format!("cannot be written as JSON: {e}")))
}
