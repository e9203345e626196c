# 商户接口的参数与返回码，供接口文档使用；反引号之间为代码

# Fields of every call
api-common-app_id = 应用 ID。
api-common-timestamp = Unix 秒，与服务器时间相差不超过 300 秒。
api-common-nonce = 8 至 64 个字符，不可重复使用。
api-common-sign_type = HMAC-SHA256（不填时的默认值）、RSA2，或应用允许时的 MD5。
api-common-sign = 对其他全部参数的签名。

# POST /api/v1/orders
api-call-orders = 创建订单。商户订单号和各参数均相同时，返回同一订单。
api-field-orders-out_order_no = 商户订单号，同一应用内唯一。
api-field-orders-amount = 订单金额，单位为分。
api-field-orders-subject = 商品名称，付款人可见。
api-field-orders-body = 补充说明。
api-field-orders-currency = 币种，仅支持人民币。
api-field-orders-methods = 可用的支付方式；不填则为应用的全部支付方式。
api-field-orders-notify_url = 此订单的通知地址；不填则使用应用的通知地址。
api-field-orders-return_url = 付款后返回的地址，会附上签名参数。
api-field-orders-cancel_url = 不付款离开时返回的地址。
api-field-orders-show_url = 商品展示页。
api-field-orders-expires_in = 支付时限，单位为秒；不填则使用应用的默认值。
api-field-orders-attach = 商户自用，随应答和通知原样返回。
api-field-orders-client_ip = 付款人的 IP 地址。
api-field-orders-user_id = 付款人在商户系统中的 ID。
api-field-orders-platform = 商户自用，便于自行统计。
api-field-orders-scene = 商户自用，便于自行统计。
api-field-orders-refers = JSON 数组，元素为 `{"{"}type, refer_id{"}"}`：订单关联的商户对象。
api-field-orders-extra = JSON 对象，部分支付方式需要的信息：`openid`、`user_name`、`id_no`、`phone`。
api-answer-orders = `order_no`、`out_order_no`、`amount`、`status`、`checkout_url`、`expires_at`、`created_at`

# POST /api/v1/orders/query
api-call-orders-query = 查询订单，含支付、退款和异常款项。
api-field-orders-query-order_no = 订单号。
api-field-orders-query-out_order_no = 商户订单号。
api-answer-orders-query = 订单

# POST /api/v1/orders/close
api-call-orders-close = 关闭订单，支付机构侧的交易也一并关闭；如果支付机构已收款，订单改为已支付。
api-field-orders-close-order_no = 订单号。
api-field-orders-close-out_order_no = 商户订单号。
api-answer-orders-close = 订单

# POST /api/v1/orders/list
api-call-orders-list = 列出应用的订单，新的在前。
api-field-orders-list-from = 创建时间不早于此刻，UTC 毫秒。
api-field-orders-list-to = 创建时间早于此刻，UTC 毫秒。
api-field-orders-list-status = 只列出此状态的订单。
api-field-orders-list-method = 只列出以此方式支付或最近尝试支付的订单。
api-field-orders-list-cursor = 上一页的 `next_cursor`。
api-field-orders-list-limit = 每页最多条数；不填为 20。
api-answer-orders-list = `items`（订单列表，不含 `payments`、`refunds`、`cases`）、`next_cursor`（最后一页为 `null`）

# POST /api/v1/payments
api-call-payments = 不经过收银台页面直接发起支付。`bar` 代表付款码，由 `auth_code` 判断具体方式。
api-field-payments-order_no = 订单号。
api-field-payments-method = 支付方式。
api-field-payments-auth_code = 付款人的付款码，付款码支付时填写。
api-field-payments-openid = 付款人在支付机构的 ID，用于在其应用内支付的方式。
api-field-payments-client_ip = 付款人的 IP 地址。
api-answer-payments = `pay_no`、`next`

# POST /api/v1/refunds
api-call-refunds = 退款。商户退款单号和各参数均相同时，返回同一退款。
api-field-refunds-order_no = 订单号。
api-field-refunds-out_order_no = 商户订单号。
api-field-refunds-out_refund_no = 商户退款单号，同一应用内唯一。
api-field-refunds-amount = 退款金额，单位为分，不超过可退金额。
api-field-refunds-reason = 退款原因，付款人可能看到。
api-field-refunds-notify_url = 此退款的通知地址；不填则使用订单的通知地址。
api-answer-refunds = 退款

# POST /api/v1/refunds/query
api-call-refunds-query = 查询一笔退款。
api-field-refunds-query-refund_no = 退款单号。
api-field-refunds-query-out_refund_no = 商户退款单号。
api-answer-refunds-query = 退款

# What a field may hold. The English texts are those that answers contain, word for word
api-rule-out-no = 1 至 64 个字符，限 A-Z a-z 0-9 _ . -
api-rule-lookup = 不超过 64 个字符
api-rule-amount = 整数，单位为分，1 至 1000000000000
api-rule-integer = 整数，{ $min } 至 { $max }
api-rule-integer-from = 整数，不小于 { $min }
api-rule-text = 不超过 { $max } 个字符，不含控制字符和双向控制字符
api-rule-address = 完整的 http 或 https 地址，不超过 2048 个字符，不含用户名
api-rule-ip = IP 地址
api-rule-word = 只能是 { $words }
api-rule-order-status = created、paying、paid 或 closed
api-rule-method = 支付方式的代码
api-rule-method-or-bar = 支付方式的代码，或 bar
api-rule-methods = 支付方式的代码，以英文逗号分隔
api-rule-refers = JSON 数组，元素为含 type 和 refer_id 两个文本的对象
api-rule-facts = JSON 对象，值均为文本
api-or = 或

# Codes
api-code-000000 = 成功。
api-code-280001 = 缺少必填参数，`data.field` 为参数名。
api-code-280002 = 参数不符合规则，见 `data.field` 和 `data.rule`；或请求体无法解析。
api-code-280101 = 签名错误。
api-code-280102 = 时间戳与服务器时间相差超过 300 秒。
api-code-280103 = `nonce` 已使用过。
api-code-280104 = 应用不存在或已停用。应答不签名。
api-code-280201 = 该应用没有此订单。
api-code-280202 = 订单号或退款单号已使用，且参数不同，`data.fields` 为不同的参数。
api-code-280203 = 订单已支付。
api-code-280204 = 订单已关闭或已过期。
api-code-280301 = 此订单不能使用该支付方式。
api-code-280302 = 金额超出该支付方式的限额，即 `data.min` 至 `data.max`。
api-code-280401 = 超过可退金额 `data.left`。
api-code-280402 = 该应用没有此退款。
api-code-280403 = 订单未支付，不能退款。
api-code-280501 = 支付机构拒绝，`data.code` 和 `data.message` 为其原文。
api-code-280502 = 支付机构没有明确答复，请重试或查询。
api-code-280601 = 请求过多，请等待 `Retry-After` 所示的秒数。应答不签名。
api-code-280900 = 系统内部错误（500），或数据库暂不可用（503）。
