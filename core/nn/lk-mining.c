/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-mining.h"

#include "lk-vector.h"

typedef struct
{
  int d, n;
  const float *embeddings;
  float *distances;
} Job;

static void
measure_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t d = (size_t) job->d;

  /* Each pair twice, so that no two threads write one row: the same number both times. */
  for (int i = begin; i < end; i++)
    for (int k = 0; k < job->n; k++)
      job->distances[(size_t) i * (size_t) job->n + (size_t) k] = (float) lk_euclidean (
          job->embeddings + (size_t) i * d, job->embeddings + (size_t) k * d, job->d);
}

void
lk_mine_distances (int d, const float *embeddings, int n, float *distances, LkPool *pool)
{
  Job job = { .d = d, .n = n, .embeddings = embeddings, .distances = distances };

  lk_pool_run (pool, n, 1, measure_rows, &job);
}

/* The @k-th row that is not of @person; -1 if there are not so many. */
static int
find_other (const int *people, int n, int person, int k)
{
  for (int i = 0; i < n; i++)
    if (people[i] != person && k-- == 0)
      return i;
  return -1;
}

int
lk_mine_random (const int *people, int n, LkRandom *random, LkTriplet *triplets)
{
  int count = 0;

  for (int a = 0; a < n; a++)
    {
      int n_others = 0;

      for (int i = 0; i < n; i++)
        n_others += people[i] != people[a];
      for (int p = 0; p < n && n_others > 0; p++)
        if (p != a && people[p] == people[a])
          triplets[count++] = (LkTriplet){
            a, p,
            find_other (people, n, people[a], (int) lk_random_below (random, (uint32_t) n_others))
          };
    }
  return count;
}

int
lk_mine_semi_hard (const float *distances, const int *people, int n, LkTriplet *triplets)
{
  int count = 0;

  for (int a = 0; a < n; a++)
    for (int p = 0; p < n; p++)
      {
        const float *from = distances + (size_t) a * (size_t) n;
        int beyond = -1, farthest = -1;

        if (p == a || people[p] != people[a])
          continue;
        for (int k = 0; k < n; k++)
          {
            if (people[k] == people[a])
              continue;
            if (from[k] > from[p] && (beyond < 0 || from[k] < from[beyond]))
              beyond = k;
            if (farthest < 0 || from[k] > from[farthest])
              farthest = k;
          }
        if (farthest >= 0)
          triplets[count++] = (LkTriplet){ a, p, beyond >= 0 ? beyond : farthest };
      }
  return count;
}

int
lk_mine_batch_hard (const float *distances, const int *people, int n, LkTriplet *triplets)
{
  int count = 0;

  for (int a = 0; a < n; a++)
    {
      const float *from = distances + (size_t) a * (size_t) n;
      int farthest = -1, nearest = -1;

      for (int k = 0; k < n; k++)
        if (people[k] == people[a])
          farthest = k != a && (farthest < 0 || from[k] > from[farthest]) ? k : farthest;
        else
          nearest = nearest < 0 || from[k] < from[nearest] ? k : nearest;
      if (farthest >= 0 && nearest >= 0)
        triplets[count++] = (LkTriplet){ a, farthest, nearest };
    }
  return count;
}
