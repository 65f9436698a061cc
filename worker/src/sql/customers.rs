//! A customer's id within a query: a number, and a text only where the query looks at it.

use arrow::{
    array::{ArrayRef, AsArray, StringArray, UInt32Array},
    compute::take,
    datatypes::{DataType, UInt32Type},
};
use datafusion_common::{
    Result as EngineResult, exec_err,
    tree_node::{Transformed, TreeNode},
};
use datafusion_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, expr::ScalarFunction,
};
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

/// Turns the number of a customer (the ordinal in the shard, in order of ids) into the id.
#[derive(Debug)]
struct CustomerId {
    signature: Signature,
    /// The ids of the shard; none while a query is bound.
    ids: Option<Arc<StringArray>>,
}

impl CustomerId {
    fn udf(ids: Option<Arc<StringArray>>) -> Arc<ScalarUDF> {
        let signature = Signature::exact(vec![DataType::UInt32], Volatility::Immutable);
        Arc::new(ScalarUDF::from(Self { signature, ids }))
    }

    fn address(&self) -> Option<*const StringArray> {
        self.ids.as_ref().map(Arc::as_ptr)
    }
}

impl PartialEq for CustomerId {
    fn eq(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

impl Eq for CustomerId {}

impl Hash for CustomerId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address().hash(state);
    }
}

impl ScalarUDFImpl for CustomerId {
    fn name(&self) -> &'static str {
        "customer_id"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let Some(ids) = &self.ids else { return exec_err!("customers are not known yet") };
        let numbers = arguments.args.first().map(|numbers| numbers.to_array(arguments.number_rows)).transpose()?;
        let Some(numbers) = numbers else { return exec_err!("customer_id takes a number") };
        let numbers: &UInt32Array = numbers.as_primitive::<UInt32Type>();
        let texts: ArrayRef = take(ids.as_ref(), numbers, None)?;
        Ok(ColumnarValue::Array(texts))
    }
}

/// Gives the id of the customer whose number stands in `column`.
pub(super) fn id_of(column: Expr) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(CustomerId::udf(None), vec![column]))
}

/// Gives the column of numbers whose ids an expression is, where it is nothing else.
pub(super) fn number_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::ScalarFunction(call) if call.func.inner().is::<CustomerId>() => match call.args.as_slice() {
            [Expr::Column(column)] => Some(&column.name),
            _ => None,
        },
        _ => None,
    }
}

/// Lets an expression look up the ids of a shard.
pub(super) fn with_ids(expr: Expr, ids: &Arc<StringArray>) -> EngineResult<Expr> {
    let found = expr.transform(|part| match part {
        Expr::ScalarFunction(call) if call.func.inner().is::<CustomerId>() => {
            let udf = CustomerId::udf(Some(Arc::clone(ids)));
            Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(udf, call.args))))
        }
        other => Ok(Transformed::no(other)),
    });
    found.map(|done| done.data)
}
