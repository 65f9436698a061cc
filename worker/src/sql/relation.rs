//! What a bound query is made of: tables and what is done to their rows, columns by ids that are unique in the query.

use super::{
    catalogue::Rows,
    customers::{id_of, number_of},
    failing::can_fail,
    free::Free,
};
use crate::expression::{DIVIDER, Kernel, Operand, OverFrame};
use arrow::{compute::SortOptions, datatypes::DataType};
use datafusion_common::{
    Column as EngineColumn,
    tree_node::{TreeNode, TreeNodeRecursion},
};
use datafusion_expr::Expr;
use std::{cell::Cell, collections::BTreeSet};

/// Gives ids of columns.
#[derive(Debug, Default)]
pub(super) struct Ids(Cell<u32>);

impl Ids {
    /// Gives a column that there is not yet; what is computed on the way to another has the name "".
    pub(super) fn column(&self, name: &str, data_type: DataType) -> Column {
        self.0.set(self.0.get() + 1);
        Column { id: format!("{name}{DIVIDER}{}", self.0.get()), data_type, is_customer: false }
    }
}

/// A column of a relation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) id: String,
    /// As expressions see it: a customer is text.
    pub(super) data_type: DataType,
    /// Whether it holds numbers of customers in place of their ids.
    pub(super) is_customer: bool,
}

impl Column {
    /// Gives the column as a part of an expression.
    pub(super) fn operand(&self) -> Operand {
        let column = self.expr();
        let expr = if self.is_customer { id_of(column) } else { column };
        Operand::new(expr, self.data_type.clone())
    }

    /// Gives the column as it lies there.
    pub(super) fn expr(&self) -> Expr {
        Expr::Column(EngineColumn::new_unqualified(&self.id))
    }

    /// Gives the type as it lies there.
    pub(super) fn stored_type(&self) -> DataType {
        if self.is_customer { DataType::UInt32 } else { self.data_type.clone() }
    }
}

/// Gives the column that an expression is, where it is nothing else.
pub(super) fn plain(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Column(column) => Some(&column.name),
        other => number_of(other),
    }
}

/// Gives the ids of the columns in an expression.
pub(super) fn columns_of(expr: &Expr) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // Never fails: the visitor has no error.
    let _ = expr.apply(|part| {
        if let Expr::Column(column) = part {
            found.insert(column.name.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

/// Rows, and whose they are.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) node: Node,
    /// Columns that hold the number of the customer to whom a row belongs: empty only of rows that belong to nobody, those of reference tables
    /// and all at a prompt.
    pub(super) owners: BTreeSet<String>,
    /// What is known of rows that belong to nobody: those of reference tables alone.
    pub(super) free: Option<Free>,
    /// Whether no customer has two rows, whatever the data.
    pub(super) one_a_customer: bool,
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Columns of a table, by their places in it.
    Scan { rows: Rows, columns: Vec<(String, Column)> },
    /// The input's columns and these.
    Extend { input: Box<Relation>, computed: Vec<(Expr, Column)> },
    /// The rows for which this is true.
    Filter { input: Box<Relation>, condition: Expr },
    /// A row a group: its keys and what is computed of it.
    Aggregate { input: Box<Relation>, keys: Vec<Column>, calls: Vec<GroupCall> },
    /// The input's columns, and values of each row among others of its partition.
    Window { input: Box<Relation>, window: Window },
    /// Pairs of rows that are equal in `on` and for which `pairs` is true; with `keeps_left` also the left rows without a pair.
    Join { left: Box<Relation>, right: Box<Relation>, on: Vec<(Column, Column)>, pairs: Option<Expr>, keeps_left: bool },
    /// The rows in an order, or as they come where it names no column, from one on and up to a number of them.
    Ordered { input: Box<Relation>, by: Vec<(Column, SortOptions)>, skip: usize, fetch: Option<usize> },
    /// The rows of all, by the positions of their columns.
    Union { inputs: Vec<(Relation, Vec<Column>)>, columns: Vec<Column> },
}

/// An aggregate of a group; arguments are columns.
#[derive(Debug, Clone)]
pub(super) struct GroupCall {
    pub(super) kernel: Kernel,
    pub(super) arguments: Vec<Column>,
    pub(super) filter: Option<Column>,
    pub(super) result: Column,
}

/// Rows of a partition in order, and what is computed of them.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) partition: Vec<Column>,
    pub(super) order: Vec<(Column, SortOptions)>,
    /// What decides among rows that are equal in `order`, where positions are asked for.
    pub(super) ties: Vec<Column>,
    pub(super) calls: Vec<WindowCall>,
}

/// A call of a window.
#[derive(Debug, Clone)]
pub(super) struct WindowCall {
    pub(super) function: WindowKind,
    pub(super) arguments: Vec<Column>,
    pub(super) filter: Option<Column>,
    pub(super) frame: Option<OverFrame>,
    pub(super) result: Column,
}

/// What a call of a window computes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum WindowKind {
    Aggregate(Kernel),
    Named { name: &'static str, number: Option<i64>, ignores_nulls: bool },
}

impl WindowKind {
    /// Gives the aggregate, where it is one.
    pub(super) fn kernel(&self) -> Option<Kernel> {
        match self {
            Self::Aggregate(kernel) => Some(*kernel),
            Self::Named { .. } => None,
        }
    }
}

impl Relation {
    /// Takes the relation out of its place, to put another there.
    pub(super) fn take(&mut self) -> Self {
        let node = Node::Union { inputs: Vec::new(), columns: Vec::new() };
        std::mem::replace(self, Self { node, owners: BTreeSet::new(), free: None, one_a_customer: false })
    }

    /// Adds columns that are computed from those there are; one that is there already is not computed.
    pub(super) fn extended(
        self,
        parts: &[Operand],
        names: &[&str],
        ids: &Ids,
        known: &[Column],
    ) -> (Self, Vec<Column>) {
        let mut computed: Vec<(Expr, Column)> = Vec::new();
        let mut columns = Vec::with_capacity(parts.len());
        for (part, name) in parts.iter().zip(names) {
            let there = plain(&part.expr).and_then(|id| known.iter().find(|column| column.id == id));
            let again = || computed.iter().find(|(expr, _)| *expr == part.expr).map(|(_, column)| column);
            let column = match there.or_else(again) {
                Some(column) => column.clone(),
                None => {
                    let column = ids.column(name, part.data_type.clone());
                    computed.push((part.expr.clone(), column.clone()));
                    column
                }
            };
            columns.push(column);
        }
        if computed.is_empty() {
            return (self, columns);
        }
        let (owners, one_a_customer) = (self.owners.clone(), self.one_a_customer);
        let mut free = self.free.clone();
        if let Some(free) = &mut free {
            computed.iter().for_each(|(expr, column)| free.computed(expr, &column.id, known));
        }
        (Self { node: Node::Extend { input: Box::new(self), computed }, owners, free, one_a_customer }, columns)
    }

    /// Keeps the rows for which a condition is true.
    pub(super) fn filtered(self, condition: Expr) -> Self {
        let (owners, one_a_customer) = (self.owners.clone(), self.one_a_customer);
        let mut free = self.free.clone();
        if let Some(free) = &mut free {
            free.may_fail |= can_fail(&condition);
        }
        Self { node: Node::Filter { input: Box::new(self), condition }, owners, free, one_a_customer }
    }

    /// Gives the reference tables among the tables, by the positions of their sources.
    pub(super) fn references(&self) -> BTreeSet<usize> {
        match &self.node {
            Node::Scan { rows: Rows::Reference(source), .. } => BTreeSet::from([*source]),
            Node::Scan { .. } => BTreeSet::new(),
            Node::Extend { input, .. }
            | Node::Filter { input, .. }
            | Node::Aggregate { input, .. }
            | Node::Ordered { input, .. }
            | Node::Window { input, .. } => input.references(),
            Node::Join { left, right, .. } => &left.references() | &right.references(),
            Node::Union { inputs, .. } => inputs.iter().flat_map(|(input, _)| input.references()).collect(),
        }
    }
}
