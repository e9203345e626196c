//! Reads a row column by column, in the order of its select list, with a check on each. A value that makes no sense is
//! `Inconsistent`, never a default.

use super::statement::Arg;
use crate::model::{Amount, Method};
use crate::pay::store::StoreError;
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// The columns of a row, of either driver.
pub(super) type Record = Vec<Arg>;

/// A row being read.
pub(super) struct Row<'r> {
    row: &'r [Arg],
    next: usize,
    table: &'static str,
}

type Result<T> = std::result::Result<T, StoreError>;

impl<'r> Row<'r> {
    pub fn of(table: &'static str, row: &'r [Arg]) -> Self {
        Self { row, next: 0, table }
    }

    /// The complaint about this row; its first column serves as its name.
    pub fn inconsistent(&self, problem: impl Display) -> StoreError {
        let id = match self.row.first() {
            Some(Arg::Text(Some(id))) => id.clone(),
            Some(Arg::Int(Some(n))) => n.to_string(),
            _ => "?".to_owned(),
        };
        StoreError::Inconsistent { table: self.table, id, problem: format!("column {}: {problem}", self.next) }
    }

    fn column(&mut self) -> Result<&'r Arg> {
        let column = self.row.get(self.next);
        self.next += 1;
        column.ok_or_else(|| self.inconsistent("is missing"))
    }

    fn opt_str(&mut self) -> Result<Option<&'r str>> {
        match self.column()? {
            Arg::Text(text) => Ok(text.as_deref()),
            Arg::Int(None) => Ok(None),
            Arg::Int(Some(n)) => Err(self.inconsistent(format!("{n} is no text"))),
        }
    }

    fn str(&mut self) -> Result<&'r str> {
        self.opt_str()?.ok_or_else(|| self.inconsistent("is null"))
    }

    pub fn text(&mut self) -> Result<String> {
        self.str().map(str::to_owned)
    }

    pub fn opt_text(&mut self) -> Result<Option<String>> {
        Ok(self.opt_str()?.map(str::to_owned))
    }

    pub fn int(&mut self) -> Result<i64> {
        self.opt_int()?.ok_or_else(|| self.inconsistent("is null"))
    }

    pub fn opt_int(&mut self) -> Result<Option<i64>> {
        match self.column()? {
            Arg::Int(n) => Ok(*n),
            Arg::Text(None) => Ok(None),
            Arg::Text(Some(_)) => Err(self.inconsistent("a text is no number")),
        }
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
        let text = self.str()?;
        parse(text).map_err(|e| self.inconsistent(e))
    }

    pub fn opt_word<T, E: Display>(&mut self, parse: impl Fn(&str) -> std::result::Result<T, E>) -> Result<Option<T>> {
        self.opt_str()?.map(|text| parse(text).map_err(|e| self.inconsistent(e))).transpose()
    }

    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        let text = self.str()?;
        serde_json::from_str(text).map_err(|e| self.inconsistent(e))
    }

    pub fn opt_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        self.opt_str()?.map(|text| serde_json::from_str(text).map_err(|e| self.inconsistent(e))).transpose()
    }

    /// A comma-separated list of methods; the empty text is the empty list.
    pub fn methods(&mut self) -> Result<Vec<Method>> {
        let text = self.str()?;
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
