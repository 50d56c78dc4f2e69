/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-train-page"

#include "lk-train-page.h"

struct _LkTrainPage
{
  AdwBin parent_instance;

  GtkStack *stack; /* borrowed, as what is in it */
  LkTrainSetup *setup;
  LkTrainRun *run;
  LkTrainRuns *runs;
};

G_DEFINE_FINAL_TYPE (LkTrainPage, lk_train_page, ADW_TYPE_BIN)

static void
lk_train_page_class_init (LkTrainPageClass *klass)
{
}

static void
lk_train_page_init (LkTrainPage *self)
{
  self->stack = GTK_STACK (gtk_stack_new ());
  self->setup = LK_TRAIN_SETUP (lk_train_setup_new ());
  self->run = LK_TRAIN_RUN (lk_train_run_new ());
  self->runs = LK_TRAIN_RUNS (lk_train_runs_new ());
  gtk_stack_set_transition_type (self->stack, GTK_STACK_TRANSITION_TYPE_SLIDE_LEFT_RIGHT);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->setup), "setup");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->run), "run");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->runs), "runs");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->stack));
}

GtkWidget *
lk_train_page_new (void)
{
  return g_object_new (LK_TYPE_TRAIN_PAGE, NULL);
}

LkTrainSetup *
lk_train_page_get_setup (LkTrainPage *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_PAGE (self), NULL);
  return self->setup;
}

LkTrainRun *
lk_train_page_get_run (LkTrainPage *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_PAGE (self), NULL);
  return self->run;
}

LkTrainRuns *
lk_train_page_get_runs (LkTrainPage *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_PAGE (self), NULL);
  return self->runs;
}

void
lk_train_page_show (LkTrainPage *self, const char *part)
{
  g_return_if_fail (LK_IS_TRAIN_PAGE (self));
  gtk_stack_set_visible_child_name (self->stack, part);
}

const char *
lk_train_page_get_shown (LkTrainPage *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_PAGE (self), NULL);
  return gtk_stack_get_visible_child_name (self->stack);
}
