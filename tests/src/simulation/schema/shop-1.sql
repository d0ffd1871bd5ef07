CREATE TABLE categories (
  category_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  parent_id int DEFAULT NULL,
  category_name varchar(60) NOT NULL,
  CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES categories (category_id)
);
CREATE TABLE products (
  sku varchar(20) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
  category_id int DEFAULT NULL,
  product_name varchar(80) NOT NULL,
  unit_price decimal(10,2) NOT NULL,
  blurb varchar(100) DEFAULT NULL,
  origin varchar(40) DEFAULT NULL,
  CONSTRAINT fk_category FOREIGN KEY (category_id) REFERENCES categories (category_id) ON DELETE SET NULL
);
CREATE TABLE stock (
  warehouse varchar(10) NOT NULL,
  sku varchar(20) COLLATE utf8mb4_bin NOT NULL,
  remark varchar(60) DEFAULT NULL,
  counted_by varchar(60) DEFAULT NULL,
  PRIMARY KEY (warehouse, sku),
  CONSTRAINT fk_sku FOREIGN KEY (sku) REFERENCES products (sku)
);
CREATE TABLE customers (
  customer_no int unsigned NOT NULL PRIMARY KEY,
  customer_name varchar(60) NOT NULL,
  hint varchar(60) DEFAULT NULL
);
CREATE TABLE orders (
  order_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_no int unsigned DEFAULT NULL,
  reference varchar(20) DEFAULT NULL,
  comment text DEFAULT NULL,
  UNIQUE KEY reference (reference),
  CONSTRAINT fk_customer FOREIGN KEY (customer_no) REFERENCES customers (customer_no)
);
CREATE TABLE order_lines (
  order_id bigint unsigned NOT NULL,
  line_no int NOT NULL,
  sku varchar(20) COLLATE utf8mb4_bin DEFAULT NULL,
  wish varchar(60) DEFAULT NULL,
  PRIMARY KEY (order_id, line_no),
  CONSTRAINT fk_order FOREIGN KEY (order_id) REFERENCES orders (order_id) ON DELETE CASCADE,
  CONSTRAINT fk_line_sku FOREIGN KEY (sku) REFERENCES products (sku)
);
CREATE TABLE suppliers (
  supplier_code varchar(10) NOT NULL PRIMARY KEY,
  supplier_name varchar(60) NOT NULL
);
