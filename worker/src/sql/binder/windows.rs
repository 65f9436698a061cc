//! Windows: within the rows of one customer.

use super::super::relation::{Column, Node, Relation, Window, WindowCall, WindowKind};
use super::aggregate::where_it_passes;
use super::query::Binder;
use super::select::Parts;
use crate::expression::{AggregateCall, ExpressionError, Operand, OverCall, OverFunction};
use arrow::datatypes::DataType;

impl Binder<'_> {
    /// Adds the windows of the select list to its rows; those over the same partition and order are one step.
    pub(super) fn windows(&self, parts: &mut Parts<'_>, ties: Vec<Column>) -> Result<(), ExpressionError> {
        let mut steps: Vec<Window> = Vec::new();
        for (call, result) in parts.scope.take_windows() {
            let partition = self.columns(parts, &call.partition);
            let owners = &parts.relation.owners;
            let is_of_customers = self.catalogue.is_local && parts.relation.free.is_none();
            if is_of_customers && !partition.iter().any(|column| owners.contains(&column.id)) {
                return Err(ExpressionError::new("the window looks at the rows of different customers")
                    .with_hint("add the customer: over (partition by customer_id …)")
                    .at(call.position));
            }
            let by: Vec<Operand> = call.order.iter().map(|(by, _)| by.clone()).collect();
            let by = self.columns(parts, &by);
            let order = by.into_iter().zip(call.order.iter().map(|(_, options)| *options)).collect();
            let call = self.window_call(parts, call, result);
            match steps.iter_mut().find(|step| step.partition == partition && step.order == order) {
                Some(step) => step.calls.push(call),
                None => steps.push(Window { partition, order, ties: ties.clone(), calls: vec![call] }),
            }
        }
        for window in steps {
            parts.known.extend(window.calls.iter().map(|call| call.result.clone()));
            let input = parts.relation.take();
            let (owners, one_a_customer) = (input.owners.clone(), input.one_a_customer);
            let mut free = input.free.clone();
            if let Some(free) = &mut free {
                window.calls.iter().for_each(|call| free.aggregated(call.function.kernel(), &call.result.id));
            }
            let node = Node::Window { input: Box::new(input), window };
            parts.relation = Relation { node, owners, free, one_a_customer };
        }
        Ok(())
    }

    fn window_call(&self, parts: &mut Parts<'_>, call: OverCall, result: Column) -> WindowCall {
        let OverCall { function, frame, .. } = call;
        match function {
            OverFunction::Aggregate(AggregateCall { kernel, arguments, filter, .. }) => {
                let of = |expr| Operand::new(expr, DataType::Null);
                let passing = arguments.into_iter().map(|argument| where_it_passes(argument, filter.as_ref()));
                let arguments: Vec<Operand> = passing.map(of).collect();
                let filters: Vec<Operand> = filter.into_iter().map(of).collect();
                let arguments = self.values(parts, &arguments);
                let filter = self.values(parts, &filters).pop();
                WindowCall { function: WindowKind::Aggregate(kernel), arguments, filter, frame, result }
            }
            OverFunction::Window { name, arguments, number, ignores_nulls } => {
                let arguments = self.values(parts, &arguments);
                let function = WindowKind::Named { name, number, ignores_nulls };
                WindowCall { function, arguments, filter: None, frame, result }
            }
        }
    }

    /// Makes columns of parts.
    fn columns(&self, parts: &mut Parts<'_>, wanted: &[Operand]) -> Vec<Column> {
        let known = parts.known.clone();
        self.extend(parts, wanted, &known)
    }

    /// Makes columns of parts whose values are looked at: of a customer the id.
    fn values(&self, parts: &mut Parts<'_>, wanted: &[Operand]) -> Vec<Column> {
        let known: Vec<Column> = parts.known.iter().filter(|column| !column.is_customer).cloned().collect();
        self.extend(parts, wanted, &known)
    }

    fn extend(&self, parts: &mut Parts<'_>, wanted: &[Operand], known: &[Column]) -> Vec<Column> {
        let names = vec![""; wanted.len()];
        let (relation, columns) = parts.relation.take().extended(wanted, &names, &self.ids, known);
        parts.relation = relation;
        for column in &columns {
            if !parts.known.contains(column) {
                parts.known.push(column.clone());
            }
        }
        columns
    }
}
